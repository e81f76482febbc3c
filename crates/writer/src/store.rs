//! The lake: an address becomes an object store. How an object gets there whole is decided in `upload`, where
//! local disk keeps unfinished objects in `staging`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions};
use url::Url;

use crate::staging::Staging;
use crate::{Error, Result, Written};

/// The folder of everything that is not data: ledgers, pins, quarantines, staging.
///
/// Spark skips folders with a leading underscore.
pub(crate) const STATE: &str = "_korelake";

/// One lake on one object store. Cheap to clone.
///
/// All paths are relative to the lake's address.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
/// use korelake_writer::Lake;
///
/// let lake = Lake::in_memory();
/// assert_eq!(lake.address(), "memory:");
/// assert!(lake.pinned("raw_data").await?.is_none());
/// # Ok::<(), korelake_writer::Error>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Lake {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn ObjectStore>,
    address: String,
    /// Only on local disk: other stores show nothing of an upload before it is complete.
    staging: Option<Staging>,
}

impl Lake {
    /// Opens the lake at a path, a `file://` URL, `memory:`, or the URL of an object store
    /// (`s3://bucket/prefix`, `gs://…`, `az://…`) that this build has a feature for. Options are
    /// object_store's own names (`region`, `endpoint`, …).
    ///
    /// A folder that does not exist is created; nothing else is written, so that a lake that may only be read
    /// can be opened too. On local disk every write is synced to disk before it counts.
    ///
    /// # Errors
    ///
    /// [`Error::Folder`] if the folder cannot be created or opened, [`Error::Address`] and [`Error::NoStore`]
    /// for addresses that this build cannot use, [`Error::Open`] if the store refuses its options.
    pub fn open(address: &str, options: &BTreeMap<String, String>) -> Result<Self> {
        if address == "memory:" || address == "memory://" {
            return Ok(Self::in_memory());
        }
        if !address.contains("://") {
            return Self::open_folder(PathBuf::from(address));
        }
        let url = Url::parse(address).map_err(|source| Error::Address {
            address: without_user(address),
            source,
        })?;
        let shown = without_user(address);
        if url.scheme() == "file" {
            return match url.to_file_path() {
                Ok(path) => Self::open_folder(path),
                Err(()) => Err(Error::NoStore { address: shown }),
            };
        }
        let (store, prefix) = object_store::parse_url_opts(&url, options).map_err(|source| match source {
            // The two answers for a scheme that is unknown, and one whose feature is off.
            object_store::Error::Generic {
                store: "URL" | "parse_url",
                ..
            } => Error::NoStore {
                address: shown.clone(),
            },
            source => Error::Open {
                address: shown.clone(),
                source,
            },
        })?;
        let store: Arc<dyn ObjectStore> = if prefix.is_root() {
            Arc::from(store)
        } else {
            Arc::new(PrefixStore::new(Arc::<dyn ObjectStore>::from(store), prefix))
        };
        Ok(Self::with_store(store, shown))
    }

    /// A lake in memory, for tests and trials: gone with its last clone.
    pub fn in_memory() -> Self {
        Self::with_store(Arc::new(InMemory::new()), "memory:")
    }

    /// A lake on a store that the caller has set up. `address` is what messages call it.
    ///
    /// The store must show an object only once it is whole, as all remote stores do; for local disk use
    /// [`Lake::open`], which stages.
    pub fn with_store(store: Arc<dyn ObjectStore>, address: impl Into<String>) -> Self {
        Self {
            inner: Arc::new(Inner {
                store,
                address: address.into(),
                staging: None,
            }),
        }
    }

    fn open_folder(path: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(&path).map_err(Error::folder("created", &path))?;
        let root = std::fs::canonicalize(&path).map_err(Error::folder("opened", &path))?;
        let address = root.display().to_string();
        let store = LocalFileSystem::new_with_prefix(&root)
            .map_err(|source| Error::Open {
                address: address.clone(),
                source,
            })?
            .with_fsync(true);
        let staging = Some(Staging::new(root));
        Ok(Self {
            inner: Arc::new(Inner {
                store: Arc::new(store),
                address,
                staging,
            }),
        })
    }

    /// The address as messages show it: without user information.
    pub fn address(&self) -> &str {
        &self.inner.address
    }

    /// The store below, for readers: Parquet footers, listings. Objects are written with this crate's writers
    /// only.
    pub fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.inner.store
    }

    /// Removes what runs that died left in the staging folder, and says how many such runs there were. Call
    /// it once, before the first write; it also finds out whether the lake can be written at all.
    ///
    /// A live run's files stay: each run holds a lock on its own part of the folder, which the operating
    /// system releases when the process ends, however it ends. A part made on another host is left alone
    /// until it is a day old, because a lock may not be seen across hosts. Stores other than local disk stage
    /// nothing, and answer 0; there an upload that was cut off stays invisible until the bucket's lifecycle
    /// rule for incomplete uploads removes it.
    ///
    /// # Errors
    ///
    /// [`Error::Folder`] if the staging folder cannot be written.
    pub async fn sweep_staging(&self) -> Result<usize> {
        let lake = self.clone();
        let swept = tokio::task::spawn_blocking(move || match &lake.inner.staging {
            Some(staging) => staging.sweep(std::time::SystemTime::now()),
            None => Ok(0),
        });
        swept.await.unwrap_or_else(|stopped| {
            let source = std::io::Error::other(stopped);
            Err(Error::Folder {
                action: "swept",
                path: STATE.to_owned(),
                source,
            })
        })
    }

    /// Whether a file is in the lake as an [`Entry`](crate::Entry) names it: of that size, and with that entity tag
    /// where the store gives one.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the store does not answer.
    pub async fn holds(&self, file: &Written) -> Result<bool> {
        let path = Path::from(file.path.as_str());
        match self.inner.store.head(&path).await {
            Ok(found) => {
                let other_tag = file.e_tag.is_some() && found.e_tag.is_some() && file.e_tag != found.e_tag;
                Ok(found.size == file.bytes && !other_tag)
            }
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(source) => Err(Error::store("read", &path)(source)),
        }
    }

    /// Whether there is a file of that path, as it is or otherwise.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the store does not answer.
    pub async fn exists(&self, path: &str) -> Result<bool> {
        let path = Path::from(path);
        match self.inner.store.head(&path).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(source) => Err(Error::store("read", &path)(source)),
        }
    }

    /// Deletes a file that nothing lists as current any more; one that is gone already is fine.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] if the store refuses.
    pub async fn remove(&self, path: &str) -> Result<()> {
        self.delete(&Path::from(path)).await
    }

    pub(crate) fn staging(&self) -> Option<&Staging> {
        self.inner.staging.as_ref()
    }

    /// The whole of a small object, or `None` if there is none.
    pub(crate) async fn read(&self, path: &Path) -> Result<Option<Bytes>> {
        let answer = match self.inner.store.get(path).await {
            Ok(found) => found.bytes().await,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => Err(error),
        };
        answer.map(Some).map_err(Error::store("read", path))
    }

    /// Creates a small object that must not exist yet. `false` if it does, which may also be the answer to
    /// our own write: the store's client repeats a request whose response was lost.
    pub(crate) async fn create(&self, path: &Path, content: Vec<u8>) -> Result<bool> {
        let options = PutOptions::from(PutMode::Create);
        match self.inner.store.put_opts(path, content.into(), options).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. }) => Ok(false),
            Err(source) => Err(Error::store("written", path)(source)),
        }
    }

    /// All objects below a folder.
    pub(crate) async fn list(&self, folder: &Path) -> Result<Vec<ObjectMeta>> {
        self.inner
            .store
            .list(Some(folder))
            .try_collect()
            .await
            .map_err(Error::store("listed", folder))
    }

    /// Deletes an object; one that is gone already is fine.
    pub(crate) async fn delete(&self, path: &Path) -> Result<()> {
        match self.inner.store.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(source) => Err(Error::store("deleted", path)(source)),
        }
    }
}

impl fmt::Debug for Lake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Lake").field(&self.address()).finish()
    }
}

/// What stands before the `@` of an address may be a secret, and stays out of messages; so do query and
/// fragment.
fn without_user(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = address.split_once("://") else {
        return address.to_owned();
    };
    let (authority, path) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, ""),
    };
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(address: &str) -> Result<Lake> {
        Lake::open(address, &BTreeMap::new())
    }

    #[test]
    fn a_missing_folder_is_created_by_path_and_by_url() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/lake with space");
        open(path.to_str().unwrap()).unwrap();
        assert!(path.is_dir());
        let url = Url::from_file_path(folder.path().join("by url")).unwrap();
        open(url.as_str()).unwrap();
        assert!(folder.path().join("by url").is_dir());
    }

    #[test]
    fn a_folder_below_a_file_makes_the_lake_unreachable() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = open(file.join("lake").to_str().unwrap()).unwrap_err();
        assert!(error.is_unreachable() && error.hint().is_some(), "{error:?}");
        assert!(open(file.to_str().unwrap()).unwrap_err().is_unreachable());
    }

    #[tokio::test]
    async fn a_lake_whose_staging_cannot_be_written_is_unreachable() {
        let folder = tempfile::tempdir().unwrap();
        let lake = open(folder.path().to_str().unwrap()).unwrap();
        std::fs::write(folder.path().join(STATE), "a file where the folder should be").unwrap();
        let error = lake.sweep_staging().await.unwrap_err();
        assert!(error.is_unreachable(), "{error:?}");
    }

    #[test]
    fn a_store_that_is_not_built_in_is_named_without_its_secrets() {
        for (address, shown) in [
            ("s3://bucket/prefix", "s3://bucket/prefix"),
            ("gs://user:pa@ss@bucket", "gs://bucket"),
            ("az://container/a@b?sig=secret", "az://container/a@b"),
            ("ftp://host/lake", "ftp://host/lake"),
        ] {
            let error = open(address).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("this build has no object store for `{shown}`")
            );
            assert!(!error.is_unreachable() && error.hint().is_some());
        }
        assert!(matches!(open("s3://[bucket"), Err(Error::Address { .. })));
    }
}
