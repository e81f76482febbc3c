use reqwest::header::HeaderValue;

use super::*;

const TEXT: &[u8] = br#"{"results":[{"conversationId":"c-1"},{"conversationId":"c-2"}]}"#;
const PACKED: [Encoding; 3] = [Encoding::Gzip, Encoding::Brotli, Encoding::Zstd];

fn packed(encoding: Encoding, text: &[u8]) -> Vec<u8> {
    match encoding {
        Encoding::Identity => text.to_vec(),
        Encoding::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        }
        Encoding::Brotli => {
            let mut packed = Vec::new();
            let parameters = brotli::enc::BrotliEncoderParams {
                quality: 5,
                ..Default::default()
            };
            brotli::BrotliCompress(&mut &text[..], &mut packed, &parameters).unwrap();
            packed
        }
        Encoding::Zstd => zstd::stream::encode_all(text, 3).unwrap(),
    }
}

fn unpack(encoding: Encoding, limit: usize, body: &[u8], piece: usize) -> Result<Vec<u8>, Fault> {
    let mut unpacking = Body::new(encoding, limit)?;
    for piece in body.chunks(piece) {
        unpacking.push(piece)?;
    }
    unpacking.finish()
}

fn encoding_of(values: &[&str]) -> Result<Encoding> {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(CONTENT_ENCODING, HeaderValue::from_str(value).unwrap());
    }
    Encoding::of(&headers)
}

#[test]
fn body_comes_out_whole_however_it_is_packed_and_cut_into_pieces() {
    let large: Vec<u8> = TEXT.iter().copied().cycle().take(300_000).collect();
    for encoding in [&[Encoding::Identity], &PACKED[..]].concat() {
        for (text, piece) in [
            (TEXT, 1),
            (TEXT, 7),
            (&large, 1 << 10),
            (&large, 1 << 20),
            (&[], 1),
        ] {
            let body = packed(encoding, text);
            let limit = text.len().max(body.len());
            assert_eq!(
                unpack(encoding, limit, &body, piece).unwrap(),
                text,
                "{encoding:?} in pieces of {piece}"
            );
        }
    }
}

#[test]
fn parts_packed_one_after_the_other_are_one_body() {
    for encoding in [Encoding::Gzip, Encoding::Zstd] {
        let (first, second) = TEXT.split_at(20);
        let body = [packed(encoding, first), packed(encoding, second)].concat();
        assert_eq!(unpack(encoding, 1000, &body, 5).unwrap(), TEXT, "{encoding:?}");
    }
}

#[test]
fn packed_body_that_ends_early_is_cut_wherever_it_ends() {
    for encoding in PACKED {
        let body = packed(encoding, TEXT);
        for length in 0..body.len() {
            assert!(
                matches!(unpack(encoding, 1000, &body[..length], 16), Err(Fault::Cut(_))),
                "{encoding:?} after {length} of {}",
                body.len()
            );
        }
    }
}

#[test]
fn nonsense_is_damaged() {
    for encoding in PACKED {
        let fault = unpack(encoding, 1000, b"<html>no such encoding</html> 0123456789", 40).unwrap_err();
        assert!(matches!(fault, Fault::Damaged(_)), "{encoding:?}: {fault:?}");
    }
}

#[test]
fn bomb_is_stopped_at_the_limit() {
    let limit = 100_000;
    let zeros = vec![0; 64 << 20];
    for encoding in PACKED {
        let bomb = packed(encoding, &zeros);
        assert!(bomb.len() < limit, "{encoding:?}: {}", bomb.len());
        let mut body = Body::new(encoding, limit).unwrap();
        let fault = body.push(&bomb).unwrap_err();
        assert!(matches!(fault, Fault::TooLarge), "{encoding:?}: {fault:?}");
        assert!(body.unpacked().bytes.capacity() <= limit, "{encoding:?}");
    }
}

#[test]
fn limit_counts_packed_bytes_too() {
    // Bytes that do not shrink: packed they are larger than unpacked.
    let noise: Vec<u8> = (0..5000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    for encoding in [&[Encoding::Identity], &PACKED[..]].concat() {
        let body = packed(encoding, &noise);
        let fault = unpack(encoding, body.len().min(noise.len()) - 1, &body, 512).unwrap_err();
        assert!(matches!(fault, Fault::TooLarge), "{encoding:?}: {fault:?}");
    }
    let mut endless = Body::new(Encoding::Gzip, 1000).unwrap();
    let nothing = packed(Encoding::Gzip, b"");
    let pushed = (0..1000).find_map(|_| endless.push(&nothing).err());
    assert!(matches!(pushed, Some(Fault::TooLarge)), "{pushed:?}");
}

#[test]
fn window_larger_than_the_web_allows_is_refused() {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(27).unwrap();
    encoder.write_all(&vec![0; 200 << 20]).unwrap();
    let body = encoder.finish().unwrap();
    let fault = unpack(Encoding::Zstd, 1 << 20, &body, 1 << 20).unwrap_err();
    assert!(matches!(fault, Fault::Damaged(_)), "{fault:?}");
}

#[test]
fn beginning_of_a_body_that_is_too_large_is_kept() {
    for encoding in [&[Encoding::Identity], &PACKED[..]].concat() {
        let mut body = Body::new(encoding, 10_000).unwrap();
        let fault = body.push(&packed(encoding, &TEXT.repeat(10_000))).unwrap_err();
        assert!(matches!(fault, Fault::TooLarge), "{encoding:?}: {fault:?}");
        assert_eq!(body.into_beginning(), &TEXT.repeat(200)[..10_000], "{encoding:?}");
    }
}

#[test]
fn encoding_is_read_from_one_header_or_several() {
    assert_eq!(encoding_of(&[]).unwrap(), Encoding::Identity);
    assert_eq!(encoding_of(&["identity, GZip"]).unwrap(), Encoding::Gzip);
    assert_eq!(encoding_of(&["x-gzip", ""]).unwrap(), Encoding::Gzip);
    assert_eq!(encoding_of(&["br"]).unwrap(), Encoding::Brotli);
    assert_eq!(encoding_of(&["zstd"]).unwrap(), Encoding::Zstd);
}

#[test]
fn unknown_encoding_is_refused_by_name() {
    for (values, name) in [
        (&["deflate"][..], "deflate"),
        (&["gzip, br"], "gzip, br"),
        (&["gzip", "br"], "gzip, br"),
    ] {
        match encoding_of(values) {
            Err(Error::UnknownEncoding { encoding }) => assert_eq!(encoding, name),
            other => panic!("{other:?}"),
        }
    }
}
