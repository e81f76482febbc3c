//! Where unfinished objects of a lake on local disk are, so that readers never meet one. Who writes and
//! renames them is `upload`; this is the only file that touches the file system itself.
//!
//! Each run has its own folder `_korelake/staging/<run>/` and holds a lock on the file `<run>.lock` beside
//! it. The lock is the life sign: it is free if and only if the run is gone. object_store syncs file and
//! folders around the rename by itself (`with_fsync`), but its own unfinished files (`part-00000.parquet#1`)
//! would stand inside the partition folder.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path as FsPath, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use object_store::path::Path;

use crate::store::STATE;
use crate::{Error, Result};

/// After that, also what looks like another host's is taken for abandoned.
const ABANDONED: Duration = Duration::from_secs(24 * 60 * 60);

/// The staging folder of one lake, and this run's part of it once there is one.
pub(crate) struct Staging {
    folder: PathBuf,
    run: Mutex<Option<Run>>,
}

struct Run {
    name: String,
    /// Held, not read: closing it is what tells others that this run is over.
    _lock: File,
    files: u64,
}

impl Staging {
    pub(crate) fn new(root: PathBuf) -> Self {
        Self {
            folder: root.join(STATE).join("staging"),
            run: Mutex::new(None),
        }
    }

    /// A fresh place for one object. The name has no `.parquet`, so that no glob over the lake finds it.
    pub(crate) fn place(&self) -> Result<Path> {
        let mut run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        let run = match &mut *run {
            Some(run) => run,
            none => none.insert(self.enter()?),
        };
        run.files += 1;
        Ok(Path::from_iter([
            STATE,
            "staging",
            &run.name,
            &format!("{:05}.unfinished", run.files),
        ]))
    }

    /// Removes the folders of runs that are gone; answers how many.
    pub(crate) fn sweep(&self, now: SystemTime) -> Result<usize> {
        let own = {
            let mut run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
            match &*run {
                Some(run) => run.name.clone(),
                None => run.insert(self.enter()?).name.clone(),
            }
        };
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(Error::folder("read", &self.folder))? {
            let entry = entry.map_err(Error::folder("read", &self.folder))?;
            if let Some(name) = entry.file_name().to_str() {
                names.push(name.strip_suffix(".lock").unwrap_or(name).to_owned());
            }
        }
        names.sort();
        names.dedup();
        let mut swept = 0;
        for name in names {
            if name != own && self.sweep_run(&name, now)? {
                swept += 1;
            }
        }
        Ok(swept)
    }

    fn sweep_run(&self, name: &str, now: SystemTime) -> Result<bool> {
        let (folder, lock_file) = (self.folder.join(name), self.lock_file(name));
        let lock = File::options().write(true).open(&lock_file);
        let gone = match lock.as_ref().map(File::try_lock) {
            Ok(Ok(())) => host().is_some_and(|host| name.starts_with(&format!("{host}."))),
            Ok(Err(TryLockError::WouldBlock)) => return Ok(false),
            // No locks on this file system, or no lock file: only age can tell.
            Ok(Err(TryLockError::Error(_))) | Err(_) => false,
        };
        if !gone && !is_abandoned(&[&folder, &lock_file], now) {
            return Ok(false);
        }
        // The lock goes last, and is held until then: a second sweeper keeps away.
        match std::fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::folder("swept", &folder)(error)),
            _ => match std::fs::remove_file(&lock_file) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    Err(Error::folder("swept", &lock_file)(error))
                }
                _ => Ok(true),
            },
        }
    }

    /// Creates this run's folder, its lock first.
    fn enter(&self) -> Result<Run> {
        std::fs::create_dir_all(&self.folder).map_err(Error::folder("created", &self.folder))?;
        let host = host().unwrap_or_else(|| "unknown".to_owned());
        let clock = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
            .as_nanos();
        let mut attempt = 0_u32;
        loop {
            let name = format!("{host}.{}.{clock:x}.{attempt}", std::process::id());
            let lock_file = self.lock_file(&name);
            attempt += 1;
            let lock = match File::options().write(true).create_new(true).open(&lock_file) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                lock => lock.map_err(Error::folder("locked", &lock_file))?,
            };
            // Between creation and lock a sweeper may have taken the file for a dead run's, and removed it.
            if matches!(lock.try_lock(), Err(TryLockError::WouldBlock)) || !lock_file.exists() {
                continue;
            }
            let folder = self.folder.join(&name);
            std::fs::create_dir(&folder).map_err(Error::folder("created", &folder))?;
            return Ok(Run {
                name,
                _lock: lock,
                files: 0,
            });
        }
    }

    fn lock_file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.lock"))
    }
}

/// A run that ends in good order leaves nothing behind. What fails here, the next run sweeps.
impl Drop for Staging {
    fn drop(&mut self) {
        let run = self.run.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(run) = run {
            let _ = std::fs::remove_dir_all(self.folder.join(&run.name));
            let _ = std::fs::remove_file(self.lock_file(&run.name));
        }
    }
}

/// Whether nothing of a run was touched for a day: neither the given paths nor a file in one of them.
fn is_abandoned(paths: &[&FsPath], now: SystemTime) -> bool {
    let modified = |path: &FsPath| path.metadata().and_then(|metadata| metadata.modified()).ok();
    let inside = paths.iter().filter_map(|path| path.read_dir().ok()).flatten();
    let inside = inside.filter_map(|entry| modified(&entry.ok()?.path()));
    let newest = paths.iter().filter_map(|path| modified(path)).chain(inside).max();
    newest.is_none_or(|newest| now.duration_since(newest).is_ok_and(|age| age > ABANDONED))
}

/// The name of this host, if it can be found out without a system call of our own; made fit for a file name.
fn host() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| std::fs::read_to_string("/etc/hostname"))
        .ok()
        .or_else(|| std::env::var("COMPUTERNAME").ok())
        .or_else(|| std::env::var("HOSTNAME").ok())?;
    let fit = |letter: char| {
        if letter.is_ascii_alphanumeric() {
            letter.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    let name: String = name.trim().chars().take(60).map(fit).collect();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(root: &FsPath) -> Vec<String> {
        let folder = root.join(STATE).join("staging");
        let mut names: Vec<_> = folder
            .read_dir()
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// What a killed process leaves: a folder with a file, and a lock file that nobody holds.
    fn dead_run(root: &FsPath, name: &str) {
        let folder = root.join(STATE).join("staging");
        std::fs::create_dir_all(folder.join(name)).unwrap();
        std::fs::write(folder.join(name).join("00001.unfinished"), "rows").unwrap();
        std::fs::write(folder.join(format!("{name}.lock")), "").unwrap();
    }

    #[test]
    fn a_live_runs_files_survive_the_sweep_of_another() {
        let root = tempfile::tempdir().unwrap();
        let live = Staging::new(root.path().to_owned());
        let file = root.path().join(live.place().unwrap().as_ref());
        std::fs::write(&file, "rows").unwrap();
        let other = Staging::new(root.path().to_owned());
        let in_a_week = SystemTime::now() + 7 * ABANDONED;
        assert_eq!(other.sweep(in_a_week).unwrap(), 0);
        assert!(file.exists());
    }

    #[test]
    fn a_dead_runs_files_are_swept() {
        let root = tempfile::tempdir().unwrap();
        let name = format!("{}.4711.0.0", host().unwrap());
        dead_run(root.path(), &name);
        let staging = Staging::new(root.path().to_owned());
        assert_eq!(staging.sweep(SystemTime::now()).unwrap(), 1);
        assert!(folders(root.path()).iter().all(|left| !left.starts_with(&name)));
    }

    #[test]
    fn what_another_host_left_is_swept_after_a_day() {
        let root = tempfile::tempdir().unwrap();
        dead_run(root.path(), "elsewhere-and-not-here.1.0.0");
        let staging = Staging::new(root.path().to_owned());
        assert_eq!(staging.sweep(SystemTime::now()).unwrap(), 0);
        assert_eq!(staging.sweep(SystemTime::now() + 2 * ABANDONED).unwrap(), 1);
    }

    #[test]
    fn a_run_that_ends_leaves_nothing() {
        let root = tempfile::tempdir().unwrap();
        let staging = Staging::new(root.path().to_owned());
        let file = root.path().join(staging.place().unwrap().as_ref());
        std::fs::write(file, "rows").unwrap();
        assert_eq!(folders(root.path()).len(), 2);
        drop(staging);
        assert!(folders(root.path()).is_empty());
    }

    #[test]
    fn places_are_never_given_twice() {
        let root = tempfile::tempdir().unwrap();
        let (one, two) = (
            Staging::new(root.path().to_owned()),
            Staging::new(root.path().to_owned()),
        );
        let places = [&one, &one, &two, &two].map(|staging| staging.place().unwrap());
        let distinct: std::collections::HashSet<_> = places.iter().collect();
        assert_eq!(distinct.len(), places.len());
    }
}
