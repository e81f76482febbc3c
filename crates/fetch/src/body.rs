//! Unpacks a body piece by piece, and stops where it becomes too large. The pieces are read off the connection in
//! [`transport`](crate::transport).

use std::io::{self, Write};

use brotli_decompressor::DecompressorWriter;
use flate2::write::MultiGzDecoder;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

use crate::{Error, Result};

/// The header `Accept-Encoding`: what [`Encoding::of`] understands.
pub(crate) const ACCEPTED: &str = "gzip, br, zstd";

/// The largest window of zstd, as a power of two: 8 MiB, which is what RFC 9659 allows on the web. A frame may ask
/// for gigabytes before its first byte of content.
const ZSTD_WINDOW: u32 = 23;

/// Bytes a decoder may hold back before they count.
const BUFFER_BYTES: usize = 32 * 1024;

/// How a body is packed on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Identity,
    Gzip,
    Brotli,
    Zstd,
}

impl Encoding {
    /// What the headers say. One encoding at a time: several in a row are allowed by HTTP and sent by nobody.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownEncoding`] for all others.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self> {
        let values = headers.get_all(CONTENT_ENCODING).iter();
        let text: Vec<_> = values
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        let text = text.join(", ");
        let mut names = text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"));
        let encoding = match names.next().map(str::to_ascii_lowercase).as_deref() {
            None => Some(Self::Identity),
            Some("gzip" | "x-gzip") => Some(Self::Gzip),
            Some("br") => Some(Self::Brotli),
            Some("zstd") => Some(Self::Zstd),
            Some(_) => None,
        };
        encoding
            .filter(|_| names.next().is_none())
            .ok_or_else(|| Error::UnknownEncoding {
                encoding: registered(&text),
            })
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }
}

/// Why a body cannot be unpacked.
#[derive(Debug)]
pub(crate) enum Fault {
    /// It is larger than the limit, packed or unpacked.
    TooLarge,
    /// It ends before its own end mark.
    Cut(io::Error),
    /// It is not what its encoding says.
    Damaged(io::Error),
}

/// A body while it arrives. Neither what arrives nor what comes out of it is ever larger than the limit.
pub(crate) struct Body {
    decoder: Decoder,
    packed: usize,
    limit: usize,
}

enum Decoder {
    Identity(Bounded),
    Gzip(Box<MultiGzDecoder<Bounded>>),
    Brotli(Box<DecompressorWriter<Bounded>>),
    Zstd(zstd::stream::write::Decoder<'static, Bounded>),
}

impl Body {
    pub(crate) fn new(encoding: Encoding, limit: usize) -> Result<Self, Fault> {
        let bounded = Bounded {
            bytes: Vec::new(),
            limit,
            exceeded: false,
        };
        let decoder = match encoding {
            Encoding::Identity => Decoder::Identity(bounded),
            Encoding::Gzip => Decoder::Gzip(Box::new(MultiGzDecoder::new(bounded))),
            Encoding::Brotli => Decoder::Brotli(Box::new(DecompressorWriter::new(bounded, BUFFER_BYTES))),
            Encoding::Zstd => {
                let mut decoder = zstd::stream::raw::Decoder::new().map_err(Fault::Damaged)?;
                decoder
                    .set_parameter(zstd::stream::raw::DParameter::WindowLogMax(ZSTD_WINDOW))
                    .map_err(Fault::Damaged)?;
                Decoder::Zstd(zstd::stream::write::Decoder::with_decoder(bounded, decoder))
            }
        };
        Ok(Self {
            decoder,
            packed: 0,
            limit,
        })
    }

    /// Takes the next piece as it arrived.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<(), Fault> {
        // What fits is taken even so: the beginning of a message can be read without its end.
        let (piece, beyond) = piece.split_at(piece.len().min(self.limit - self.packed));
        self.packed += piece.len();
        let written = match &mut self.decoder {
            Decoder::Identity(bounded) => bounded.write_all(piece),
            Decoder::Gzip(decoder) => decoder.write_all(piece),
            Decoder::Brotli(decoder) => decoder.write_all(piece),
            Decoder::Zstd(decoder) => decoder.write_all(piece),
        };
        written.map_err(|error| match self.unpacked().exceeded {
            true => Fault::TooLarge,
            false => Fault::Damaged(error),
        })?;
        if beyond.is_empty() {
            Ok(())
        } else {
            Err(Fault::TooLarge)
        }
    }

    /// The whole body.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>, Fault> {
        match self.close() {
            Ok(()) => Ok(self.into_bytes()),
            Err(_) if self.unpacked().exceeded => Err(Fault::TooLarge),
            Err(error) => Err(Fault::Cut(error)),
        }
    }

    /// What has come out so far, for messages that are worth reading in part.
    pub(crate) fn into_beginning(mut self) -> Vec<u8> {
        // Makes the decoder give out what it holds back; that the end is missing is known.
        let _ = self.close();
        self.into_bytes()
    }

    fn close(&mut self) -> io::Result<()> {
        match &mut self.decoder {
            Decoder::Identity(_) => Ok(()),
            Decoder::Gzip(decoder) => decoder.try_finish(),
            Decoder::Brotli(decoder) => decoder.close(),
            Decoder::Zstd(decoder) => decoder.flush().and_then(|()| decoder.do_finish()),
        }
    }

    fn into_bytes(mut self) -> Vec<u8> {
        std::mem::take(&mut self.unpacked_mut().bytes)
    }

    /// Bytes that have come out so far.
    pub(crate) fn len(&self) -> usize {
        self.unpacked().bytes.len()
    }

    fn unpacked(&self) -> &Bounded {
        match &self.decoder {
            Decoder::Identity(bounded) => bounded,
            Decoder::Gzip(decoder) => decoder.get_ref(),
            Decoder::Brotli(decoder) => decoder.get_ref(),
            Decoder::Zstd(decoder) => decoder.get_ref(),
        }
    }

    fn unpacked_mut(&mut self) -> &mut Bounded {
        match &mut self.decoder {
            Decoder::Identity(bounded) => bounded,
            Decoder::Gzip(decoder) => decoder.get_mut(),
            Decoder::Brotli(decoder) => decoder.get_mut(),
            Decoder::Zstd(decoder) => decoder.get_mut(),
        }
    }
}

/// Memory that refuses to grow beyond its limit.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
    exceeded: bool,
}

impl Write for Bounded {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let room = self.limit - self.bytes.len();
        if piece.len() > room {
            self.bytes.extend_from_slice(&piece[..room]);
            self.exceeded = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let needed = self.bytes.len() + piece.len();
        if needed > self.bytes.capacity() {
            // Doubled as usual, but not beyond the limit.
            let grown = needed.max(self.bytes.capacity() * 2).min(self.limit);
            self.bytes.reserve_exact(grown - self.bytes.len());
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a header says, if that is made of registered names. Anything else may repeat what was sent.
fn registered(text: &str) -> String {
    const NAMES: [&str; 13] = [
        "aes128gcm",
        "br",
        "compress",
        "dcb",
        "dcz",
        "deflate",
        "exi",
        "gzip",
        "identity",
        "pack200-gzip",
        "x-compress",
        "x-gzip",
        "zstd",
    ];
    let lower = text.to_ascii_lowercase();
    match lower.split(',').all(|name| NAMES.contains(&name.trim())) {
        true => lower,
        false => "something without a registered name".to_owned(),
    }
}

#[cfg(test)]
mod tests;
