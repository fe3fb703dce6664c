/// Returns the lane of an aggregate: `FNV-1a(id) mod lanes`.
///
/// Only the id is hashed, without the category, so all streams of one order share a lane. FNV-1a is implemented here
/// because Rust's default hasher differs between processes, and a lane must not.
///
/// `lanes` of 0 is treated as 1.
#[must_use]
pub fn lane(id: &str, lanes: u32) -> u32 {
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    u32::try_from(hash % u64::from(lanes.max(1))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_matches_the_published_test_vector() {
        // FNV-1a 64 of "foobar" is 0x85944171f73967e8, from the algorithm's authors' test vectors.
        assert_eq!(
            u64::from(lane("foobar", u32::MAX)),
            0x8594_4171_f739_67e8 % u64::from(u32::MAX)
        );
    }

    #[test]
    fn lanes_are_used_evenly() {
        let mut counts = [0; 16];
        for n in 0..16_000 {
            counts[lane(&format!("ord_{n}"), 16) as usize] += 1;
        }
        assert!(counts.iter().all(|c| (800..1_200).contains(c)), "{counts:?}");
    }
}
