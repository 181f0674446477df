//! A bucket of an S3-compatible store. Parts go out of memory with their length, never as a stream, and every one is
//! compared with what the store says it has: not all stores are Amazon's.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::{
    Client,
    config::{
        BehaviorVersion, Config, Credentials, Region, RequestChecksumCalculation,
        ResponseChecksumValidation, retry::RetryConfig, timeout::TimeoutConfig,
    },
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    presigning::PresigningConfig,
    primitives::{ByteStream, DateTime},
    types::{
        ChecksumAlgorithm, ChecksumMode, ChecksumType, CompletedMultipartUpload, CompletedPart,
    },
};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use bytes::Bytes;
use futures::{FutureExt, StreamExt, stream};
use http_edge::ByteRange;
use secrecy::ExposeSecret;

use super::{
    Checksum, Doing, ObjectStore, Part, Pieces, Presented, StoreError, Stored, Upload,
    checksum::{self, ETag},
    settings::{Labels, Settings},
};

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// A part has to be through in this time on the slowest line.
const ATTEMPT_WITHIN: Duration = Duration::from_mins(2);
/// Of the first byte of what is read; the rest takes as long as the reader.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// A bucket.
pub struct Bucket {
    client: Client,
    name: String,
    prefix: String,
    checksums: bool,
    proxy: bool,
    origin: Option<String>,
    labels: Labels,
}

/// One part that is there, as the store lists it.
struct Listed {
    number: i32,
    size: u64,
    etag: String,
    /// As it is written there, where the store lists it.
    crc32: Option<String>,
}

impl Bucket {
    /// Makes the client; opens no connection.
    pub fn new(settings: &Settings) -> Bucket {
        let token = settings.session_token.as_ref();
        let credentials = Credentials::new(
            &settings.access_key,
            settings.secret_key.expose_secret(),
            token.map(|token| token.expose_secret().to_owned()),
            None,
            "convoke",
        );
        let tls = Provider::Rustls(CryptoMode::Ring);
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(tls)
            .build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_WITHIN)
            .read_timeout(ANSWER_WITHIN)
            .operation_attempt_timeout(ATTEMPT_WITHIN)
            .build();
        let mut built = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(http)
            .region(Region::new(settings.region.clone()))
            .credentials_provider(credentials)
            .force_path_style(settings.in_the_path)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .retry_config(RetryConfig::standard().with_max_attempts(2))
            .timeout_config(timeouts);
        if let Some(endpoint) = &settings.endpoint {
            built = built.endpoint_url(endpoint.as_str().trim_end_matches('/'));
        }
        Bucket {
            client: Client::from_conf(built.build()),
            name: settings.bucket.clone(),
            prefix: settings.prefix.clone(),
            checksums: settings.checksums,
            proxy: settings.proxy,
            origin: settings.origin(),
            labels: settings.labels.clone(),
        }
    }

    /// Where signed links lead; `None`: there are none.
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    async fn listed(&self, upload: &Upload) -> Result<Vec<Listed>, StoreError> {
        let mut parts = Vec::new();
        let mut after = None;
        loop {
            let page = self
                .client
                .list_parts()
                .bucket(&self.name)
                .key(self.key(&upload.key))
                .upload_id(&upload.id)
                .set_part_number_marker(after)
                .send()
                .await
                .map_err(|error| failed(&error))?;
            parts.extend(page.parts().iter().filter_map(|part| {
                Some(Listed {
                    number: part.part_number()?,
                    size: u64::try_from(part.size()?).ok()?,
                    etag: part.e_tag()?.to_owned(),
                    crc32: part.checksum_crc32().map(str::to_owned),
                })
            }));
            after = page.next_part_number_marker().map(str::to_owned);
            if !page.is_truncated().unwrap_or(false) || after.is_none() {
                parts.sort_by_key(|part| part.number);
                return Ok(parts);
            }
        }
    }

    /// Puts a small file there in one piece, and says that it is what was sent.
    pub async fn put_file(
        &self,
        key: &str,
        media_type: &str,
        bytes: Bytes,
    ) -> Result<(), StoreError> {
        let (whole, md5) = (Checksum::of(&bytes), checksum::md5(&bytes));
        let mut request = self
            .client
            .put_object()
            .bucket(&self.name)
            .key(self.key(key))
            .content_type(media_type)
            .set_tagging(text(&self.labels.tagging))
            .set_content_disposition(text(&self.labels.content_disposition))
            .body(ByteStream::from(bytes));
        for (name, value) in &self.labels.metadata {
            request = request.metadata(name, value);
        }
        if self.checksums {
            request = request.checksum_crc32(checksum::to_base64(whole.crc32));
        }
        let put = request.send().await.map_err(|error| failed(&error))?;
        // Where files are encrypted there, the tag is of other bytes.
        let agrees = match put.e_tag().and_then(ETag::read) {
            Some(ETag::OfBytes(tag)) => tag == md5,
            _ => false,
        };
        if agrees {
            return Ok(());
        }
        self.verify(key, whole, None).await
    }

    /// Whether the file is there as it was sent.
    async fn verify(
        &self,
        key: &str,
        whole: Checksum,
        parts: Option<&[Listed]>,
    ) -> Result<(), StoreError> {
        let head = self
            .client
            .head_object()
            .bucket(&self.name)
            .key(self.key(key));
        let head = if self.checksums {
            head.checksum_mode(ChecksumMode::Enabled)
        } else {
            head
        };
        let head = head.send().await.map_err(|error| failed(&error))?;
        let size = head
            .content_length()
            .and_then(|size| u64::try_from(size).ok());
        if size != Some(whole.size) {
            let size = size.unwrap_or(0);
            return Err(corrupt(&format!("{size} bytes of {}", whole.size)));
        }
        if let Some(crc32) = head.checksum_crc32().and_then(checksum::from_base64) {
            return same(crc32 == whole.crc32, "another CRC-32");
        }
        // Each part's tag was compared with its bytes when it was sent.
        if let (Some(parts), Some(ETag::OfParts(tag, count))) =
            (parts, head.e_tag().and_then(ETag::read))
            && let Some(expected) = tag_of(parts)
        {
            return same(tag == expected && count == parts.len(), "another ETag");
        }
        let mut pieces = self.read(key, ByteRange::whole(whole.size)).await?;
        let mut found = Checksum::default();
        while let Some(piece) = pieces.next().await {
            found = found.and(&piece?);
        }
        same(found == whole, "other bytes")
    }
}

impl ObjectStore for Bucket {
    fn begin<'a>(&'a self, key: &'a str, media_type: &'a str) -> Doing<'a, String> {
        async move {
            let mut request = self
                .client
                .create_multipart_upload()
                .bucket(&self.name)
                .key(self.key(key))
                .content_type(media_type)
                .set_tagging(text(&self.labels.tagging))
                .set_content_disposition(text(&self.labels.content_disposition));
            for (name, value) in &self.labels.metadata {
                request = request.metadata(name, value);
            }
            if self.checksums {
                request = request
                    .checksum_algorithm(ChecksumAlgorithm::Crc32)
                    .checksum_type(ChecksumType::FullObject);
            }
            let begun = request.send().await.map_err(|error| failed(&error))?;
            let id = begun.upload_id().map(str::to_owned);
            id.ok_or_else(|| StoreError::Refused("it names no upload".to_owned()))
        }
        .boxed()
    }

    fn arrived<'a>(&'a self, upload: &'a Upload) -> Doing<'a, u64> {
        async move {
            let mut arrived = 0;
            for (at, part) in self.listed(upload).await?.iter().enumerate() {
                let whole = part.size == upload.part_size;
                if usize::try_from(part.number) != Ok(at + 1) {
                    break;
                }
                arrived += part.size;
                // The last one is shorter; whatever follows a short one is of another attempt.
                if !whole {
                    break;
                }
            }
            Ok(arrived)
        }
        .boxed()
    }

    fn put<'a>(&'a self, upload: &'a Upload, part: Part) -> Doing<'a, ()> {
        async move {
            let number = i32::try_from(part.number).unwrap_or(i32::MAX);
            let (md5, crc32) = (checksum::md5(&part.bytes), Checksum::of(&part.bytes).crc32);
            let mut request = self
                .client
                .upload_part()
                .bucket(&self.name)
                .key(self.key(&upload.key))
                .upload_id(&upload.id)
                .part_number(number)
                .body(ByteStream::from(part.bytes));
            if self.checksums {
                request = request.checksum_crc32(checksum::to_base64(crc32));
            }
            let put = request.send().await.map_err(|error| failed(&error))?;
            if let Some(stored) = put.checksum_crc32().and_then(checksum::from_base64) {
                same(stored == crc32, "a part with another CRC-32")?;
            }
            match put.e_tag().and_then(ETag::read) {
                Some(ETag::OfBytes(tag)) if !self.checksums => {
                    same(tag == md5, "a part with another MD5")
                }
                _ => Ok(()),
            }
        }
        .boxed()
    }

    fn complete<'a>(&'a self, upload: &'a Upload, whole: Checksum) -> Doing<'a, ()> {
        async move {
            let parts = match self.listed(upload).await {
                Ok(parts) => parts,
                // The answer to an earlier one was lost, perhaps.
                Err(StoreError::NoSuchUpload) => {
                    return match self.verify(&upload.key, whole, None).await {
                        Err(StoreError::NotFound) => Err(StoreError::NoSuchUpload),
                        verdict => verdict,
                    };
                }
                Err(error) => return Err(error),
            };
            let completed = parts.iter().map(|part| {
                let completed = CompletedPart::builder().part_number(part.number);
                let crc32 = part.crc32.clone().filter(|_| self.checksums);
                completed
                    .e_tag(&part.etag)
                    .set_checksum_crc32(crc32)
                    .build()
            });
            let completed =
                CompletedMultipartUpload::builder().set_parts(Some(completed.collect()));
            let mut request = self
                .client
                .complete_multipart_upload()
                .bucket(&self.name)
                .key(self.key(&upload.key))
                .upload_id(&upload.id)
                .multipart_upload(completed.build());
            if self.checksums {
                request = request
                    .checksum_type(ChecksumType::FullObject)
                    .checksum_crc32(checksum::to_base64(whole.crc32));
            }
            let done = request.send().await.map_err(|error| failed(&error));
            match (done, self.verify(&upload.key, whole, Some(&parts)).await) {
                (_, Ok(())) => Ok(()),
                // What is there is not what was sent, or what was there before.
                (Err(refused), Err(_)) => Err(refused),
                (Ok(_), Err(error)) => Err(error),
            }
        }
        .boxed()
    }

    fn abort<'a>(&'a self, upload: &'a Upload) -> Doing<'a, ()> {
        async move {
            let aborted = self
                .client
                .abort_multipart_upload()
                .bucket(&self.name)
                .key(self.key(&upload.key))
                .upload_id(&upload.id)
                .send()
                .await;
            match aborted.map_err(|error| failed(&error)) {
                Ok(_) | Err(StoreError::NoSuchUpload | StoreError::NotFound) => Ok(()),
                Err(error) => Err(error),
            }
        }
        .boxed()
    }

    fn look<'a>(&'a self, key: &'a str) -> Doing<'a, Stored> {
        async move {
            let head = self
                .client
                .head_object()
                .bucket(&self.name)
                .key(self.key(key));
            let head = head.send().await.map_err(|error| failed(&error))?;
            let size = head
                .content_length()
                .and_then(|size| u64::try_from(size).ok());
            Ok(Stored {
                size: size.unwrap_or(0),
                crc32: head.checksum_crc32().and_then(checksum::from_base64),
            })
        }
        .boxed()
    }

    fn read<'a>(&'a self, key: &'a str, range: ByteRange) -> Doing<'a, Pieces> {
        async move {
            let answer = self
                .client
                .get_object()
                .bucket(&self.name)
                .key(self.key(key))
                .range(format!("bytes={}-{}", range.first, range.last))
                .send()
                .await
                .map_err(|error| failed(&error))?;
            let pieces = stream::try_unfold(answer.body, |mut body| async move {
                match body.next().await {
                    Some(Ok(piece)) => Ok(Some((piece, body))),
                    Some(Err(error)) => Err(StoreError::Unavailable(error.to_string())),
                    None => Ok(None),
                }
            });
            Ok(pieces.boxed())
        }
        .boxed()
    }

    fn link<'a>(
        &'a self,
        key: &'a str,
        presented: Presented<'a>,
        lifetime: Duration,
    ) -> Doing<'a, Option<String>> {
        async move {
            if self.proxy {
                return Ok(None);
            }
            let config = PresigningConfig::expires_in(lifetime);
            let config = config.map_err(|error| StoreError::Refused(error.to_string()))?;
            let signed = self
                .client
                .get_object()
                .bucket(&self.name)
                .key(self.key(key))
                .response_content_type(presented.media_type)
                .response_content_disposition(presented.disposition)
                .presigned(config)
                .await
                .map_err(|error| failed(&error))?;
            Ok(Some(signed.uri().to_owned()))
        }
        .boxed()
    }

    fn delete<'a>(&'a self, key: &'a str) -> Doing<'a, ()> {
        async move {
            let deleted = self
                .client
                .delete_object()
                .bucket(&self.name)
                .key(self.key(key));
            match deleted.send().await.map_err(|error| failed(&error)) {
                Ok(_) | Err(StoreError::NotFound) => Ok(()),
                Err(error) => Err(error),
            }
        }
        .boxed()
    }

    fn sweep(&self, before: SystemTime) -> Doing<'_, ()> {
        async move {
            let listed = self
                .client
                .list_multipart_uploads()
                .bucket(&self.name)
                .prefix(&self.prefix)
                .send()
                .await
                .map_err(|error| failed(&error))?;
            let before = DateTime::from(before);
            for upload in listed.uploads() {
                let (Some(key), Some(id)) = (upload.key(), upload.upload_id()) else {
                    continue;
                };
                if upload.initiated().is_some_and(|begun| *begun < before)
                    && let Some(key) = key.strip_prefix(&self.prefix)
                {
                    let upload = Upload {
                        key: key.to_owned(),
                        id: id.to_owned(),
                        part_size: 0,
                    };
                    self.abort(&upload).await?;
                }
            }
            Ok(())
        }
        .boxed()
    }

    fn check(&self) -> Doing<'_, ()> {
        async move {
            // Asks for what an upload needs, and leaves nothing behind.
            let key = "convoke-probe";
            let id = self.begin(key, "text/plain").await?;
            let upload = Upload {
                key: key.to_owned(),
                id,
                part_size: 0,
            };
            let part = Part {
                number: 1,
                bytes: "convoke".into(),
            };
            let put = self.put(&upload, part).await;
            self.abort(&upload).await?;
            put
        }
        .boxed()
    }
}

fn text(label: &str) -> Option<String> {
    (!label.is_empty()).then(|| label.to_owned())
}

/// The tag that a file of these parts has, where their own are MD5s.
fn tag_of(parts: &[Listed]) -> Option<[u8; 16]> {
    let mut tags = Vec::with_capacity(parts.len() * 16);
    for part in parts {
        match ETag::read(&part.etag)? {
            ETag::OfBytes(tag) => tags.extend(tag),
            ETag::OfParts(..) => return None,
        }
    }
    Some(checksum::md5(&tags))
}

fn corrupt(how: &str) -> StoreError {
    StoreError::Corrupt(how.to_owned())
}

fn same(agrees: bool, how: &str) -> Result<(), StoreError> {
    if agrees { Ok(()) } else { Err(corrupt(how)) }
}

fn failed<E>(error: &SdkError<E>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let text = DisplayErrorContext(error).to_string();
    let status = error
        .raw_response()
        .map(|response| response.status().as_u16());
    match (error.code().unwrap_or_default(), status) {
        ("NoSuchUpload", _) => StoreError::NoSuchUpload,
        // A HEAD has no body that names the reason.
        ("NoSuchKey" | "NotFound", _) | ("", Some(404)) => StoreError::NotFound,
        (
            "BadDigest"
            | "InvalidDigest"
            | "XAmzContentChecksumMismatch"
            | "XAmzContentSHA256Mismatch"
            | "InvalidPart",
            _,
        ) => StoreError::Corrupt(text),
        ("QuotaExceeded" | "InsufficientStorage" | "XMinioStorageFull", _) | (_, Some(507)) => {
            StoreError::Full(text)
        }
        ("NoSuchBucket", _) | (_, Some(401 | 403)) => StoreError::Refused(text),
        _ => StoreError::Unavailable(text),
    }
}
