//! Names of requests, claims and games: hashes of what they name.

use alloy_primitives::B256;
use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(B256);

        impl $name {
            /// The name with these bytes.
            pub const fn new(bytes: B256) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            pub const fn bytes(self) -> B256 {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }
    };
}

id! {
    /// Names a request: what is asked, and by whom.
    RequestId
}

id! {
    /// Names a claim: that an answer is right.
    ClaimId
}

id! {
    /// Names a game: one challenger's about one claim.
    GameId
}
