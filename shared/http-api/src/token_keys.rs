use hmac::{Hmac, KeyInit, Mac};
use settings::MIN_TOKEN_KEY;
use sha2::Sha256;
use std::fmt;
use std::sync::OnceLock;
use uuid::Uuid;

/// The length of the authentication code in a token or cursor, in bytes.
pub(crate) const CODE: usize = 16;

/// The keys that authenticate tokens and cursors: new ones are made with the current key, and those of the previous key are
/// still accepted, so that a key can be replaced while clients hold tokens.
///
/// All functions of a system have the same keys, because the token of a service is read by every view.
#[derive(Clone)]
pub struct TokenKeys {
    current: Vec<u8>,
    previous: Option<Vec<u8>>,
}

/// A key is shorter than [`MIN_TOKEN_KEY`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShortTokenKey;

impl fmt::Display for ShortTokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a key of tokens has at least {MIN_TOKEN_KEY} bytes")
    }
}

impl std::error::Error for ShortTokenKey {}

impl fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKeys")
    }
}

static OF_PROCESS: OnceLock<TokenKeys> = OnceLock::new();

impl TokenKeys {
    /// Returns keys of which this one is the current one.
    ///
    /// # Errors
    /// [`ShortTokenKey`] for a key of less than [`MIN_TOKEN_KEY`] bytes.
    pub fn new(current: &str, previous: Option<&str>) -> Result<Self, ShortTokenKey> {
        let checked = |key: &str| {
            let key = key.as_bytes().to_vec();
            (key.len() >= MIN_TOKEN_KEY).then_some(key).ok_or(ShortTokenKey)
        };
        Ok(Self {
            current: checked(current)?,
            previous: previous.map(checked).transpose()?,
        })
    }

    /// Makes these the keys of this process, unless it has others: it does not change its keys. A process that is never given
    /// any has a random one, so that nobody else can make its tokens.
    pub fn install(self) {
        let _ = OF_PROCESS.set(self);
    }

    /// Returns the keys of this process.
    pub(crate) fn of_process() -> &'static Self {
        OF_PROCESS.get_or_init(|| Self {
            current: random_token_key().into_bytes(),
            previous: None,
        })
    }

    /// Returns the code of these parts under the current key.
    pub(crate) fn code(&self, parts: &[&[u8]]) -> [u8; CODE] {
        let mut code = [0; CODE];
        if let Some(mac) = mac(&self.current, parts) {
            code.copy_from_slice(&mac.finalize().into_bytes()[..CODE]);
        }
        code
    }

    /// Returns whether this is the code of these parts under one of the keys. Takes the same time whatever is different.
    pub(crate) fn accepts(&self, parts: &[&[u8]], code: &[u8]) -> bool {
        let keys = [Some(&self.current), self.previous.as_ref()];
        code.len() == CODE
            && keys
                .into_iter()
                .flatten()
                .any(|key| mac(key, parts).is_some_and(|mac| mac.verify_truncated_left(code).is_ok()))
    }
}

/// Returns the HMAC-SHA256 of these parts, each with its length in front. A key has any length, so there always is one.
fn mac(key: &[u8], parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    Some(mac)
}

/// Returns a new random key: 64 hexadecimal digits, with the randomness of the operating system.
#[must_use]
pub fn random_token_key() -> String {
    // Each UUID has at least 32 random bits of its own.
    let ids = std::iter::repeat_with(Uuid::now_v7).take(8);
    let random: Vec<u8> = ids.flat_map(|id| id.into_bytes()).collect();
    let digest = <Sha256 as sha2::Digest>::digest(&random);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
