//! All stores behind one face.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use upshift_model::objects::ObjectAccess;

use super::error::{ObjectError, Why};
use super::local;
use super::place::Place;
use super::reader::ObjectReader;
use super::s3::Bucket;
use crate::wire::secret::Secrets;

/// The stores that snapshots may be in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Objects {
    access: ObjectAccess,
    secrets: Secrets,
    buckets: Arc<Mutex<BTreeMap<String, Arc<Bucket>>>>,
}

/// What is at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// A file or object of this size.
    File(u64),
    /// A directory, or the common start of several keys.
    Directory,
    /// Nothing.
    Nothing,
}

/// What lies below a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// Files or objects.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Extent {
    pub(super) fn add(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(bytes);
    }
}

impl Objects {
    /// Stores reached as `access` says. Nothing is sent.
    #[must_use]
    pub fn new(access: ObjectAccess, secrets: Secrets) -> Self {
        Self {
            access,
            secrets,
            buckets: Arc::default(),
        }
    }

    /// Whether a store of its own is named, and not that of AWS.
    pub const fn has_address(&self) -> bool {
        self.access.endpoint.is_some()
    }

    /// What is at a place.
    ///
    /// # Errors
    /// When that could not be seen; absence is an answer.
    pub async fn presence(&self, place: &Place) -> Result<Presence, ObjectError> {
        match place {
            Place::Local(path) => {
                let path = path.clone();
                blocking(place, move || local::presence(&path)).await
            }
            Place::S3 { bucket, key, .. } => self.bucket(bucket)?.presence(key).await,
        }
    }

    /// The names directly below a place: of files, and of directories. None are there where the place is
    /// not.
    ///
    /// # Errors
    /// When that could not be seen.
    pub async fn children(&self, place: &Place) -> Result<BTreeSet<String>, ObjectError> {
        match place {
            Place::Local(path) => {
                let path = path.clone();
                blocking(place, move || local::children(&path)).await
            }
            Place::S3 { bucket, key, .. } => self.bucket(bucket)?.children(key).await,
        }
    }

    /// How many files lie below a place, at any depth, and their bytes.
    ///
    /// # Errors
    /// When that could not be seen.
    pub async fn extent(&self, place: &Place) -> Result<Extent, ObjectError> {
        match place {
            Place::Local(path) => {
                let path = path.clone();
                blocking(place, move || local::extent(&path)).await
            }
            Place::S3 { bucket, key, .. } => self.bucket(bucket)?.extent(key).await,
        }
    }

    /// The bytes of a range; fewer where the file ends before. The caller keeps the range small.
    ///
    /// # Errors
    /// When they could not be had; absence is one of the reasons.
    pub async fn range(&self, place: &Place, range: Range<u64>) -> Result<Bytes, ObjectError> {
        if range.is_empty() {
            return Ok(Bytes::new());
        }
        match place {
            Place::Local(path) => {
                let path = path.clone();
                blocking(place, move || local::range(&path, &range).map(Bytes::from)).await
            }
            Place::S3 { bucket, key, .. } => self.bucket(bucket)?.range(key, range).await,
        }
    }

    /// A file as a stream of bytes, for a thread that may block; `size` is what [`Self::presence`] said.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn reader(&self, place: &Place, size: u64) -> Result<ObjectReader, ObjectError> {
        match place {
            Place::Local(path) => Ok(ObjectReader::local(local::open(path)?)),
            Place::S3 { .. } => Ok(ObjectReader::remote(self.clone(), place.clone(), size)),
        }
    }

    fn bucket(&self, name: &str) -> Result<Arc<Bucket>, ObjectError> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = buckets.get(name) {
            return Ok(bucket.clone());
        }
        let bucket = Arc::new(Bucket::new(name, &self.access, &self.secrets)?);
        buckets.insert(name.to_owned(), bucket.clone());
        Ok(bucket)
    }
}

/// Runs what blocks on a thread for it.
async fn blocking<T: Send + 'static>(
    place: &Place,
    work: impl FnOnce() -> Result<T, ObjectError> + Send + 'static,
) -> Result<T, ObjectError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|lost| Err(ObjectError::new(place, Why::Failed, Some(lost.to_string()))))
}
