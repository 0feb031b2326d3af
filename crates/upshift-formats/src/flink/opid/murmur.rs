//! MurmurHash3, the 128-bit variant for 64-bit machines, with seed 0.
//!
//! The bytes come out as Guava's `asBytes` gives them: both halves little-endian.

const C1: u64 = 0x87c3_7b91_1142_53d5;
const C2: u64 = 0x4cf5_ad43_2745_937f;

fn mix_first(k: u64) -> u64 {
    k.wrapping_mul(C1).rotate_left(31).wrapping_mul(C2)
}

fn mix_second(k: u64) -> u64 {
    k.wrapping_mul(C2).rotate_left(33).wrapping_mul(C1)
}

fn finish(mut k: u64) -> u64 {
    k ^= k >> 33;
    k = k.wrapping_mul(0xff51_afd7_ed55_8ccd);
    k ^= k >> 33;
    k = k.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    k ^ (k >> 33)
}

fn halves(block: u128) -> (u64, u64) {
    let [a, b, c, d, e, f, g, h, rest @ ..] = block.to_le_bytes();
    (
        u64::from_le_bytes([a, b, c, d, e, f, g, h]),
        u64::from_le_bytes(rest),
    )
}

/// The hash of `data`.
pub(super) fn murmur3_128(data: &[u8]) -> [u8; 16] {
    let (mut h1, mut h2) = (0_u64, 0_u64);
    let (blocks, tail) = data.as_chunks::<16>();
    for block in blocks {
        let (k1, k2) = halves(u128::from_le_bytes(*block));
        h1 = (h1 ^ mix_first(k1)).rotate_left(27).wrapping_add(h2);
        h1 = h1.wrapping_mul(5).wrapping_add(0x52dc_e729);
        h2 = (h2 ^ mix_second(k2)).rotate_left(31).wrapping_add(h1);
        h2 = h2.wrapping_mul(5).wrapping_add(0x3849_5ab5);
    }
    let last = tail
        .iter()
        .rev()
        .fold(0_u128, |block, byte| block << 8 | u128::from(*byte));
    let (k1, k2) = halves(last);
    h1 ^= mix_first(k1) ^ data.len() as u64;
    h2 ^= mix_second(k2) ^ data.len() as u64;
    h1 = h1.wrapping_add(h2);
    h2 = h2.wrapping_add(h1);
    (h1, h2) = (finish(h1), finish(h2));
    h1 = h1.wrapping_add(h2);
    h2 = h2.wrapping_add(h1);
    (u128::from(h1) | u128::from(h2) << 64).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::murmur3_128;

    fn hex(data: &[u8]) -> String {
        murmur3_128(data).iter().map(|b| format!("{b:02x}")).collect()
    }

    #[test]
    fn known_answers() {
        for (data, hash) in [
            (&b""[..], "00000000000000000000000000000000"),
            (b"a", "897859f6655555855a890e51483ab5e6"),
            (b"0123456789abcdef", "a7d14acf946de04bda08a7635c5bc387"),
            (b"0123456789abcdef0", "75c0a58587ae24ebca283131b368fb73"),
            (&[0; 4], "bc764cd8ddf7a0cff126f51c16239658"),
        ] {
            assert_eq!(hex(data), hash);
        }
    }
}
