//! Streams the bytes of one object to the lake so that it is there whole or not at all. What the bytes are is
//! decided in [`FileWriter`](crate::FileWriter) and [`QuarantineWriter`](crate::QuarantineWriter).

use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStoreExt, PutPayload, PutPayloadMut, WriteMultipart};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3Default;

use crate::{Error, Lake, Result};

/// Bytes of one part of a multipart upload: 10,000 parts, S3's limit, make 78 GiB. An object of up to that
/// size is one put.
const PART: usize = 8 * 1024 * 1024;
/// Parts on their way at a time, which bounds the memory of one upload to three parts. More would not make it
/// faster: rows take longer to decode and encode than their compressed bytes to send.
const PARTS_IN_FLIGHT: usize = 2;

/// One object that a writer finished, as the ledger records it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The object, relative to the lake.
    pub path: String,
    /// Rows of a Parquet file, lines of a quarantine file.
    pub rows: u64,
    /// Size of the object.
    pub bytes: u64,
    /// The store's entity tag, if it gives one.
    #[serde(rename = "etag")]
    pub e_tag: Option<String>,
    /// XXH3-128 of the object's bytes: 32 hex digits.
    pub checksum: String,
}

/// An object on its way.
///
/// On local disk the bytes go to the staging folder, and the last step is a rename. Other stores show a put
/// or a multipart upload only once it is complete. So dropping an upload leaves nothing visible;
/// [`abort`](Self::abort) also frees the parts that a remote store keeps of a cut-off upload.
pub(crate) struct Upload {
    lake: Lake,
    path: Path,
    staged: Option<Path>,
    state: State,
    /// Boxed for its size: it keeps half a kilobyte of input.
    checksum: Box<Xxh3Default>,
    bytes: u64,
}

enum State {
    /// Less than a part so far: becomes a single put.
    Small(PutPayloadMut),
    Parts(WriteMultipart),
    /// Completed, with the entity tag; failed; or aborted.
    Over(Option<String>),
}

impl Upload {
    /// Nothing is sent before the first part is full.
    ///
    /// # Errors
    ///
    /// [`Error::Folder`] if a place in the staging folder cannot be had.
    pub(crate) fn new(lake: &Lake, path: &str) -> Result<Self> {
        Ok(Self {
            staged: lake.staging().map(|staging| staging.place()).transpose()?,
            lake: lake.clone(),
            path: Path::from(path),
            state: State::Small(PutPayloadMut::new()),
            checksum: Box::new(Xxh3Default::new()),
            bytes: 0,
        })
    }

    /// Takes bytes and waits while too many are on their way.
    pub(crate) async fn send(&mut self, mut bytes: Bytes) -> Result<()> {
        self.checksum.update(&bytes);
        self.bytes += bytes.len() as u64;
        if let State::Small(small) = &mut self.state {
            if small.content_length() + bytes.len() <= PART {
                small.push(bytes);
                return Ok(());
            }
            let place = self.staged.as_ref().unwrap_or(&self.path);
            let upload = self.lake.store().put_multipart(place).await;
            let upload = upload.map_err(Error::store("written", &self.path))?;
            let mut parts = WriteMultipart::new_with_chunk_size(upload, PART);
            for chunk in std::mem::take(small).freeze() {
                parts.put(chunk);
            }
            self.state = State::Parts(parts);
        }
        let State::Parts(parts) = &mut self.state else {
            return Err(Error::Stopped {
                path: self.path.to_string(),
            });
        };
        while !bytes.is_empty() {
            let waited = parts.wait_for_capacity(PARTS_IN_FLIGHT).await;
            waited.map_err(Error::store("written", &self.path))?;
            parts.put(bytes.split_to(bytes.len().min(PART)));
        }
        Ok(())
    }

    /// Sends the rest and makes the object visible, in place of one that was there before.
    pub(crate) async fn publish(&mut self) -> Result<()> {
        let store = self.lake.store();
        let place = self.staged.as_ref().unwrap_or(&self.path);
        let sent = match std::mem::replace(&mut self.state, State::Over(None)) {
            State::Small(small) => store.put(place, PutPayload::from(small)).await,
            // Cleans up after itself where it fails.
            State::Parts(parts) => parts.finish().await,
            State::Over(_) => {
                return Err(Error::Stopped {
                    path: self.path.to_string(),
                });
            }
        };
        let sent = sent.map_err(Error::store("written", &self.path))?;
        if let Some(staged) = &self.staged {
            // Both folders are synced by the store. The tag is of the file, which the rename does not touch.
            let renamed = store.rename(staged, &self.path).await;
            renamed.map_err(Error::store("renamed into place", &self.path))?;
        }
        self.state = State::Over(sent.e_tag);
        Ok(())
    }

    /// Frees what the store holds of an unpublished object. Nothing of it was visible before either.
    pub(crate) async fn abort(self) -> Result<()> {
        let aborted = match self.state {
            State::Parts(parts) => parts.abort().await,
            State::Small(_) | State::Over(_) => Ok(()),
        };
        aborted.map_err(Error::store("aborted", &self.path))?;
        match &self.staged {
            // Gone unless the rename was what failed.
            Some(staged) => self.lake.delete(staged).await,
            None => Ok(()),
        }
    }

    /// The record of a published object.
    pub(crate) fn written(self, rows: u64) -> Written {
        let e_tag = if let State::Over(e_tag) = self.state {
            e_tag
        } else {
            None
        };
        let checksum = format!("{:032x}", self.checksum.digest128());
        Written {
            path: self.path.to_string(),
            rows,
            bytes: self.bytes,
            e_tag,
            checksum,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use xxhash_rust::xxh3::xxh3_128;

    use super::*;
    use crate::testing::{Faulty, bytes, files, local};

    /// Sends `content` in pieces of uneven size.
    async fn send(lake: &Lake, content: &Bytes, piece: usize) -> Written {
        let mut upload = Upload::new(lake, "t/object").unwrap();
        let mut rest = content.clone();
        let mut size = piece;
        while !rest.is_empty() {
            upload.send(rest.split_to(size.min(rest.len()))).await.unwrap();
            size = size * 2 + 1;
        }
        upload.publish().await.unwrap();
        upload.written(7)
    }

    fn content(size: usize) -> Bytes {
        (0..size).map(|index| (index / 251 % 256) as u8).collect()
    }

    #[tokio::test]
    async fn objects_of_every_size_arrive_whole() {
        let folder = tempfile::tempdir().unwrap();
        let on_disk = local(folder.path());
        for (size, multipart) in [
            (0, 0),
            (1, 0),
            (PART, 0),
            (PART + 1, 1),
            (2 * PART, 1),
            (5 * PART + 3, 1),
        ] {
            let content = content(size);
            let (store, in_memory) = Faulty::default().lake();
            for lake in [&in_memory, &on_disk] {
                let written = send(lake, &content, 1_000_003).await;
                assert!(
                    bytes(lake, "t/object").await == content,
                    "{size} bytes in {lake:?}"
                );
                assert_eq!((written.rows, written.bytes), (7, size as u64));
                assert_eq!(written.checksum, format!("{:032x}", xxh3_128(&content)));
            }
            assert_eq!(store.begun.load(Ordering::SeqCst), multipart, "{size} bytes");
        }
        assert!(files(folder.path()).contains(&"t/object".to_owned()));
        assert!(
            !files(folder.path())
                .iter()
                .any(|path| path.contains(".unfinished"))
        );
    }

    #[tokio::test]
    async fn nothing_can_be_sent_after_the_end() {
        let lake = Lake::in_memory();
        let mut upload = Upload::new(&lake, "t/object").unwrap();
        upload.publish().await.unwrap();
        assert!(matches!(
            upload.send(Bytes::from_static(b"more")).await,
            Err(Error::Stopped { .. })
        ));
        assert!(matches!(upload.publish().await, Err(Error::Stopped { .. })));
    }
}
