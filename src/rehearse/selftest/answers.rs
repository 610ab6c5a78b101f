//! Known answers read from JSON, each value knowing its place.

use data_encoding::HEXLOWER;
use serde_json::Value;

use super::Problem;
use crate::group::{Batch, Scalar};
use crate::machine::InstructionSet;
use crate::oprf::{PrivateKey, Proof, PublicKey};

/// Something wrong at one place of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: String,
    pub(super) problem: Problem,
}

impl Fault {
    pub(super) fn at(at: String, problem: Problem) -> Self {
        Self { at, problem }
    }
}

/// What a file's sections found.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) passed: usize,
    pub(super) faults: Vec<Fault>,
}

impl Tally {
    pub(super) fn fault(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Counts one known answer.
    pub(super) fn holds(&mut self, node: &Node, holds: bool) {
        if holds {
            self.passed += 1;
        } else {
            self.fault(node.fault(Problem::Differs));
        }
    }

    /// Counts one known answer given in hex.
    pub(super) fn same(&mut self, node: &Node, computed: &[u8]) -> Result<(), Fault> {
        let expected = node.bytes()?;
        self.holds(node, expected == computed);
        Ok(())
    }

    /// Counts the same field of each item, given in hex.
    pub(super) fn each<const N: usize>(
        &mut self,
        items: &[Node],
        path: &str,
        computed: &[[u8; N]],
    ) -> Result<(), Fault> {
        for (item, computed) in paired(items, computed)? {
            self.same(&item.get(path)?, computed)?;
        }
        Ok(())
    }
}

/// A value of a file, with its place, and the instruction set it is computed on.
pub(super) struct Node<'v> {
    value: &'v Value,
    at: String,
    set: InstructionSet,
}

impl<'v> Node<'v> {
    pub(super) fn root(value: &'v Value, set: InstructionSet) -> Self {
        Self {
            value,
            at: String::new(),
            set,
        }
    }

    pub(super) fn set(&self) -> InstructionSet {
        self.set
    }

    pub(super) fn fault(&self, problem: Problem) -> Fault {
        Fault::at(self.at.clone(), problem)
    }

    /// For errors of the library over a value that must be accepted.
    pub(super) fn refused<E>(&self) -> impl Fn(E) -> Fault {
        let fault = self.fault(Problem::Refused);
        move |_| fault.clone()
    }

    /// The value under a JSON pointer relative to this one, without the leading slash.
    pub(super) fn get(&self, path: &str) -> Result<Self, Fault> {
        let at = format!("{}/{path}", self.at);
        match self.value.pointer(&format!("/{path}")) {
            Some(value) => Ok(Self { value, at, ..*self }),
            None => Err(Fault::at(at, Problem::Missing)),
        }
    }

    /// The items of the list under `path`; never none.
    pub(super) fn items(&self, path: &str) -> Result<Vec<Self>, Fault> {
        self.get(path)?.entries()
    }

    /// The items of this list; never none.
    pub(super) fn entries(&self) -> Result<Vec<Self>, Fault> {
        let values = self
            .value
            .as_array()
            .ok_or_else(|| self.fault(Problem::Malformed))?;
        if values.is_empty() {
            return Err(self.fault(Problem::Empty));
        }
        let item = |(place, value)| Self {
            value,
            at: format!("{}/{place}", self.at),
            set: self.set,
        };
        Ok(values.iter().enumerate().map(item).collect())
    }

    pub(super) fn text(&self) -> Result<&'v str, Fault> {
        self.value
            .as_str()
            .ok_or_else(|| self.fault(Problem::Malformed))
    }

    pub(super) fn number<T: TryFrom<u64>>(&self) -> Result<T, Fault> {
        self.value
            .as_u64()
            .and_then(|number| T::try_from(number).ok())
            .ok_or_else(|| self.fault(Problem::Malformed))
    }

    pub(super) fn bytes(&self) -> Result<Vec<u8>, Fault> {
        let text = self.text()?.as_bytes();
        HEXLOWER
            .decode(text)
            .map_err(|_| self.fault(Problem::Malformed))
    }

    pub(super) fn array<const N: usize>(&self) -> Result<[u8; N], Fault> {
        self.bytes()?
            .try_into()
            .map_err(|_| self.fault(Problem::Malformed))
    }

    pub(super) fn scalar(&self) -> Result<Scalar, Fault> {
        Scalar::from_canonical_bytes(&self.array()?).map_err(self.refused())
    }

    pub(super) fn key(&self) -> Result<PrivateKey, Fault> {
        Ok(PrivateKey::from(self.scalar()?))
    }

    pub(super) fn public(&self) -> Result<PublicKey, Fault> {
        PublicKey::decode(&self.array()?).map_err(self.refused())
    }

    pub(super) fn proof(&self) -> Result<Proof, Fault> {
        Proof::from_bytes(&self.array()?).map_err(self.refused())
    }
}

/// Matching items of a list that is never empty and of another, which must be as long.
pub(super) fn paired<'n, 'v, O>(
    items: &'n [Node<'v>],
    others: &'n [O],
) -> Result<impl Iterator<Item = (&'n Node<'v>, &'n O)>, Fault> {
    match items.first() {
        Some(first) if items.len() != others.len() => Err(first.fault(Problem::Malformed)),
        _ => Ok(items.iter().zip(others)),
    }
}

/// One field of each item.
pub(super) fn column<const N: usize>(items: &[Node], path: &str) -> Result<Vec<[u8; N]>, Fault> {
    items.iter().map(|item| item.get(path)?.array()).collect()
}

/// One field of each item, as elements.
pub(super) fn batch(items: &[Node], path: &str) -> Result<Batch, Fault> {
    let encodings = column(items, path)?;
    let set = items
        .first()
        .map_or(InstructionSet::Portable, |item| item.set);
    Batch::decode_on(set, encodings).map_err(|error| match items.get(error.index) {
        Some(item) => Fault::at(format!("{}/{path}", item.at), Problem::Refused),
        None => Fault::at(path.to_owned(), Problem::Refused),
    })
}
