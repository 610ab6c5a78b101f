//! Where secrets lie in memory.

use saring::group::{EncodedElement, Scalar};
use saring::hash::HashKey;
use saring::oprf::{BlindKey, PrivateKey};

use crate::client_request::place_of;

/// Bytes from an address on.
pub(crate) type Span = (usize, usize);

/// Something secret, or made from secrets.
pub(crate) trait Secret {
    /// Where it lies.
    fn spans(&self) -> Vec<Span>;
}

/// The place of a whole value, without what it points to.
fn whole<T: ?Sized>(value: &T) -> Span {
    (std::ptr::from_ref(value).addr(), size_of_val(value))
}

impl Secret for Vec<Scalar> {
    fn spans(&self) -> Vec<Span> {
        vec![whole(self.as_slice())]
    }
}

impl Secret for Scalar {
    fn spans(&self) -> Vec<Span> {
        vec![whole(self)]
    }
}

impl<const N: usize> Secret for Vec<[u8; N]> {
    fn spans(&self) -> Vec<Span> {
        vec![whole(self.as_slice())]
    }
}

impl Secret for HashKey {
    fn spans(&self) -> Vec<Span> {
        vec![whole(self)]
    }
}

impl Secret for BlindKey {
    fn spans(&self) -> Vec<Span> {
        vec![whole(self)]
    }
}

impl Secret for PrivateKey {
    /// Its scalar; its public key is public.
    fn spans(&self) -> Vec<Span> {
        let scalar = self.expose();
        let place = place_of(self, &scalar[..]).expect("the scalar lies inside the key");
        vec![(place, scalar.len())]
    }
}

impl<A: Secret, B: Secret> Secret for (A, B) {
    fn spans(&self) -> Vec<Span> {
        [self.0.spans(), self.1.spans()].concat()
    }
}

/// Encodings are on the wire: not secret, but made from secrets until they are sent.
pub(crate) fn encodings(encodings: &[EncodedElement]) -> Span {
    whole(encodings)
}
