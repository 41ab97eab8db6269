//! HMAC-SHA-256, RFC 2104: <https://www.rfc-editor.org/rfc/rfc2104>.

use sha2::{Digest, Sha256};

/// The block of SHA-256, in bytes.
const BLOCK: usize = 64;

/// Of a key of any length: one of more than a block is replaced by its digest.
pub fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let shortened: [u8; 32];
    let key = if key.len() > BLOCK {
        shortened = Sha256::digest(key).into();
        &shortened[..]
    } else {
        key
    };
    let pad = |byte: u8| {
        let mut block = [byte; BLOCK];
        block.iter_mut().zip(key).for_each(|(it, key)| *it ^= key);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test cases 2 and 6.
    #[test]
    fn the_published_cases() {
        let digest = hmac(b"Jefe", b"what do ya want for nothing?");
        assert_eq!(digest[..4], [0x5b, 0xdc, 0xc1, 0x46]);
        assert_eq!(digest[28..], [0x64, 0xec, 0x38, 0x43]);
        let long = hmac(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First");
        assert_eq!(long[..4], [0x60, 0xe4, 0x31, 0x59]);
        assert_eq!(long[28..], [0x0e, 0xe3, 0x7f, 0x54]);
    }
}
