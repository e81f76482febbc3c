//! Compressed bodies, and bodies that are longer than they need to be. When they are sent is decided in
//! [`transport`](super::transport).

use std::io::{self, Write};

use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_ENCODING;

use super::Fault;

/// A content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Brotli,
    Zstd,
}

static CHUNK: [u8; 64 * 1024] = [b' '; 64 * 1024];

impl Coding {
    /// The first of the faults that the request accepts.
    pub(super) fn chosen(faults: &[Fault], headers: &HeaderMap) -> Option<Self> {
        let accepted = |coding: &Self| {
            headers
                .get_all(ACCEPT_ENCODING)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .flat_map(|value| value.split(','))
                .any(|part| {
                    part.split(';')
                        .next()
                        .is_some_and(|name| name.trim() == coding.name())
                })
        };
        faults
            .iter()
            .filter_map(|fault| match fault {
                Fault::Gzip => Some(Self::Gzip),
                Fault::Brotli => Some(Self::Brotli),
                Fault::Zstd => Some(Self::Zstd),
                _ => None,
            })
            .find(accepted)
    }

    /// As headers write it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// The body and so many blanks behind it, compressed.
    pub(super) fn encode(self, body: &[u8], blanks: usize) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                write(&mut encoder, body, blanks)?;
                encoder.finish()
            }
            Self::Brotli => {
                let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4_096, 3, 20);
                write(&mut encoder, body, blanks)?;
                encoder.flush()?;
                Ok(encoder.into_inner())
            }
            Self::Zstd => {
                let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1)?;
                write(&mut encoder, body, blanks)?;
                encoder.finish()
            }
        }
    }
}

fn write(encoder: &mut impl Write, body: &[u8], blanks: usize) -> io::Result<()> {
    encoder.write_all(body)?;
    for length in lengths(blanks) {
        encoder.write_all(&CHUNK[..length])?;
    }
    Ok(())
}

/// The body and so many blanks behind it, sent in chunks, so that nothing of that length is held and its length is
/// not known before its end.
pub(super) fn padded(body: Bytes, blanks: usize) -> Body {
    let chunks = lengths(blanks).map(|length| Bytes::from_static(&CHUNK).slice(..length));
    let chunks = std::iter::once(body).chain(chunks).map(io::Result::Ok);
    Body::from_stream(futures::stream::iter(chunks))
}

fn lengths(blanks: usize) -> impl Iterator<Item = usize> {
    (0..blanks)
        .step_by(CHUNK.len())
        .map(move |done| (blanks - done).min(CHUNK.len()))
}
