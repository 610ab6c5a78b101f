//! What an instruction set brings.

use std::ops::{Add, BitAnd, BitOr, Mul, Neg, Not, Sub};

use zeroize::Zeroize;

/// One field element: five limbs, radix 2^51, least significant first. Constants are canonical.
pub(in crate::group) type Limbs = [u64; 5];

/// A field element for each of up to eight lanes: `words[limb][lane]`. A field of four lanes reads
/// and writes lanes 0 to 3.
pub(in crate::group) type Words = [[u64; 8]; 5];

/// Four field elements in memory, a point's coordinates, in an instruction set's own arrangement:
/// what [`Field::to_rows`] wrote.
#[derive(Clone, Copy, Zeroize)]
#[repr(C, align(32))]
pub(in crate::group) struct Row(pub(in crate::group) [u64; 20]);

impl Row {
    /// No point, to be overwritten.
    pub(in crate::group) const EMPTY: Self = Self([0; 20]);
}

/// Sixteen field elements shared by all lanes: `table[limb][entry]`, every limb below 2^51.
pub(in crate::group) type Table = [[u64; 16]; 5];

/// Field elements mod p = 2^255 - 19, one in each lane.
///
/// A value of this type is *carried*: a limb, whatever its radix, is so little above its radix that
/// the value may be a factor of any product. [`Field::Loose`] is what comes out of a product before
/// its carries. Sums of products are cheaper loose, because a sum is then carried once:
///
/// - a product, a square, a scaled and a carried value have weight 1;
/// - a sum has the weight of its parts;
/// - a difference has the weight of its minuend and 4; a subtrahend has weight at most 4;
/// - nothing has a weight above 16.
///
/// Builds with debug assertions check the limbs themselves: no subtrahend above the multiple of p
/// it is taken from, no sum that overflows, no factor too wide.
///
/// No operation branches on a value or uses one as an address.
pub(in crate::group) trait Field:
    Copy
    + Send
    + Sync
    + 'static
    + Zeroize
    + Add<Output = Self>
    + Sub<Output = Self>
    + Neg<Output = Self>
    + Mul<Output = Self>
{
    /// Field elements side by side: at most 8.
    const LANES: usize;

    /// The proof that this machine has the instruction set: only its detection makes one.
    type Set: Copy + Send + Sync + 'static;
    /// A sum of products that was not carried.
    type Loose: Copy + Add<Output = Self::Loose> + Sub<Output = Self::Loose>;
    /// A yes or no for each lane.
    type Mask: Copy
        + BitAnd<Output = Self::Mask>
        + BitOr<Output = Self::Mask>
        + Not<Output = Self::Mask>;
    /// A number from 0 to 255 for each lane, which may be secret.
    type Index: Copy;

    /// The proof that lies in every value.
    fn set(self) -> Self::Set;
    /// Runs `work` in a function of its own that is compiled for the instruction set. `work` must
    /// be `#[inline(always)]`, and so must all it calls, unless they call this in their turn.
    fn vectorize<R>(set: Self::Set, work: impl FnOnce() -> R) -> R;

    /// `limbs`, each below 2^51, in every lane.
    fn splat(set: Self::Set, limbs: &Limbs) -> Self;
    /// Lane by lane from limbs below 2^52: numbers mod p that need not be canonical.
    fn from_words(set: Self::Set, words: &Words) -> Self;
    /// The canonical numbers: below p, every limb below 2^51.
    fn to_words(self) -> Words;

    /// Lane i from `rows[at[i]]`. Places past the last lane are not read, but must be there.
    fn from_rows(set: Self::Set, rows: &[Row], at: [usize; 8]) -> [Self; 4];
    /// Lane i to `rows[at[i]]`, one lane after another. Places past the last lane are not written,
    /// but must be there.
    fn to_rows(fields: [Self; 4], rows: &mut [Row], at: [usize; 8]);
    /// One row in every lane.
    fn splat_row(set: Self::Set, row: &Row) -> [Self; 4];

    /// `self * other`, not carried.
    fn product(self, other: Self) -> Self::Loose;
    /// `self * self`, not carried: cheaper than a product.
    fn squared(self) -> Self::Loose;
    /// `factor * self` for a factor below 2^20, not carried.
    fn scaled(self, factor: u32) -> Self::Loose;
    /// The value itself, to be summed with products.
    fn loose(self) -> Self::Loose;
    /// Carries a sum, so that it may be a factor.
    fn carry(sum: Self::Loose) -> Self;

    /// `yes` in the lanes of the mask, `no` in the others.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;
    /// The lanes that hold 0 mod p.
    fn is_zero(self) -> Self::Mask;
    /// The lanes whose canonical number is odd: *negative*, in RFC 9496, section 3.1.
    fn is_negative(self) -> Self::Mask;

    /// A mask from one bit for each lane, lane 0 lowest. The compiler is kept from knowing whether
    /// the bits differ, so that it cannot turn a selection into a branch.
    fn mask(set: Self::Set, bits: u8) -> Self::Mask;
    /// One bit for each lane, lane 0 lowest; bits past the last lane are 0.
    fn bits(mask: Self::Mask) -> u8;

    /// A number for each lane.
    fn index(set: Self::Set, numbers: [u64; 8]) -> Self::Index;
    /// The lanes whose number is `number`.
    fn is_index(index: Self::Index, number: u8) -> Self::Mask;
    /// `table[..][index]` in each lane, index from 0 to 15. Every entry is read for every index.
    fn look_up(index: Self::Index, table: &Table) -> Self;

    /// `self * self`.
    #[inline(always)]
    fn square(self) -> Self {
        Self::carry(self.squared())
    }

    /// `-self` in the lanes of the mask, `self` in the others.
    #[inline(always)]
    fn negate_if(self, mask: Self::Mask) -> Self {
        Self::select(mask, -self, self)
    }

    /// The non-negative one of `self` and `-self`: `CT_ABS` of RFC 9496, section 3.1.
    #[inline(always)]
    fn abs(self) -> Self {
        self.negate_if(self.is_negative())
    }

    /// `(right, left)` in the lanes of the mask, `(left, right)` in the others.
    #[inline(always)]
    fn swap(mask: Self::Mask, left: Self, right: Self) -> (Self, Self) {
        (
            Self::select(mask, right, left),
            Self::select(mask, left, right),
        )
    }
}

/// The operators of a [`Field`] in terms of its [`Field::Loose`] values.
macro_rules! field_operators {
    ($field:ty) => {
        impl std::ops::Mul for $field {
            type Output = Self;
            #[inline(always)]
            fn mul(self, other: Self) -> Self {
                Self::carry(self.product(other))
            }
        }
        impl std::ops::Add for $field {
            type Output = Self;
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                Self::carry(self.loose() + other.loose())
            }
        }
        impl std::ops::Sub for $field {
            type Output = Self;
            #[inline(always)]
            fn sub(self, other: Self) -> Self {
                Self::carry(self.loose() - other.loose())
            }
        }
        impl std::ops::Neg for $field {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                Self::splat(self.set(), &[0; 5]) - self
            }
        }
    };
}
pub(in crate::group) use field_operators;
