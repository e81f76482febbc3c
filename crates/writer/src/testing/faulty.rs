//! A store that fails where a test wants it to.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, UploadPart,
};

use crate::Lake;

/// A store in memory that fails where it is told to. Counts what became of its multipart uploads.
#[derive(Debug, Default)]
pub(crate) struct Faulty {
    inner: InMemory,
    /// A whole put fails.
    pub(crate) put: AtomicBool,
    /// The part of this number fails, from 1; none if 0.
    pub(crate) part: AtomicUsize,
    /// Completing a multipart upload fails.
    pub(crate) complete: AtomicBool,
    /// A create succeeds, its response is lost, and the repeated request finds the object.
    pub(crate) lost_response: AtomicBool,
    /// No multipart upload ever begins, and none fails to.
    pub(crate) hangs: AtomicBool,
    pub(crate) begun: AtomicUsize,
    pub(crate) aborted: Arc<AtomicUsize>,
}

impl Faulty {
    pub(crate) fn lake(self) -> (Arc<Self>, Lake) {
        let store = Arc::new(self);
        (store.clone(), Lake::with_store(store, "faulty:"))
    }

    pub(crate) async fn objects(&self) -> usize {
        self.inner.list(None).count().await
    }
}

fn failure() -> object_store::Error {
    object_store::Error::Generic {
        store: "faulty",
        source: "connection reset".into(),
    }
}

impl std::fmt::Display for Faulty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("faulty")
    }
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

// Spelled as `async_trait` expands it, to do without that macro.
impl ObjectStore for Faulty {
    fn put_opts<'a, 'b, 'c>(
        &'a self,
        location: &'b Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Answer<'c, PutResult>
    where
        'a: 'c,
        'b: 'c,
    {
        Box::pin(async move {
            if self.put.load(Ordering::SeqCst) {
                return Err(failure());
            }
            let create = options.mode == PutMode::Create;
            let result = self.inner.put_opts(location, payload, options).await?;
            if create && self.lost_response.load(Ordering::SeqCst) {
                let (path, source) = (location.to_string(), "the repeated request says so".into());
                return Err(object_store::Error::AlreadyExists { path, source });
            }
            Ok(result)
        })
    }

    fn put_multipart_opts<'a, 'b, 'c>(
        &'a self,
        location: &'b Path,
        options: PutMultipartOptions,
    ) -> Answer<'c, Box<dyn MultipartUpload>>
    where
        'a: 'c,
        'b: 'c,
    {
        Box::pin(async move {
            if self.hangs.load(Ordering::SeqCst) {
                return futures::future::pending().await;
            }
            self.begun.fetch_add(1, Ordering::SeqCst);
            let inner = self.inner.put_multipart_opts(location, options).await?;
            Ok(Box::new(FaultyUpload {
                inner,
                parts: 0,
                fails_at: self.part.load(Ordering::SeqCst),
                complete_fails: self.complete.load(Ordering::SeqCst),
                aborted: self.aborted.clone(),
            }) as Box<dyn MultipartUpload>)
        })
    }

    fn get_opts<'a, 'b, 'c>(&'a self, location: &'b Path, options: GetOptions) -> Answer<'c, GetResult>
    where
        'a: 'c,
        'b: 'c,
    {
        self.inner.get_opts(location, options)
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    fn list_with_delimiter<'a, 'b, 'c>(&'a self, prefix: Option<&'b Path>) -> Answer<'c, ListResult>
    where
        'a: 'c,
        'b: 'c,
    {
        self.inner.list_with_delimiter(prefix)
    }

    fn copy_opts<'a, 'b, 'd, 'c>(
        &'a self,
        from: &'b Path,
        to: &'d Path,
        options: CopyOptions,
    ) -> Answer<'c, ()>
    where
        'a: 'c,
        'b: 'c,
        'd: 'c,
    {
        self.inner.copy_opts(from, to, options)
    }
}

#[derive(Debug)]
struct FaultyUpload {
    inner: Box<dyn MultipartUpload>,
    parts: usize,
    fails_at: usize,
    complete_fails: bool,
    aborted: Arc<AtomicUsize>,
}

impl MultipartUpload for FaultyUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.parts += 1;
        if self.parts == self.fails_at {
            return async { Err(failure()) }.boxed();
        }
        self.inner.put_part(data)
    }

    fn complete<'a, 'c>(&'a mut self) -> Answer<'c, PutResult>
    where
        'a: 'c,
    {
        if self.complete_fails {
            return async { Err(failure()) }.boxed();
        }
        self.inner.complete()
    }

    fn abort<'a, 'c>(&'a mut self) -> Answer<'c, ()>
    where
        'a: 'c,
    {
        self.aborted.fetch_add(1, Ordering::SeqCst);
        self.inner.abort()
    }
}
