//! Constants of ristretto255 (RFC 9496, section 4) and of its curve's Montgomery form.

use super::Limbs;

pub(in crate::group) const ZERO: Limbs = [0; 5];
pub(in crate::group) const ONE: Limbs = [1, 0, 0, 0, 0];

/// `D`, of the curve -x^2 + y^2 = 1 + D x^2 y^2.
pub(in crate::group) const D: Limbs = [
    929_955_233_495_203,
    466_365_720_129_213,
    1_662_059_464_998_953,
    2_033_849_074_728_123,
    1_442_794_654_840_575,
];

/// `2 * D`.
pub(in crate::group) const D_TWICE: Limbs = [
    1_859_910_466_990_425,
    932_731_440_258_426,
    1_072_319_116_312_658,
    1_815_898_335_770_999,
    633_789_495_995_903,
];

/// `SQRT_M1`.
pub(in crate::group) const SQRT_M1: Limbs = [
    1_718_705_420_411_056,
    234_908_883_556_509,
    2_233_514_472_574_048,
    2_117_202_627_021_982,
    765_476_049_583_133,
];

/// `INVSQRT_A_MINUS_D`, with a = -1.
pub(in crate::group) const INVSQRT_A_MINUS_D: Limbs = [
    278_908_739_862_762,
    821_645_201_101_625,
    8_113_234_426_968,
    1_777_959_178_193_151,
    2_118_520_810_568_447,
];

/// `SQRT_AD_MINUS_ONE`, with a = -1.
pub(in crate::group) const SQRT_AD_MINUS_ONE: Limbs = [
    2_241_493_124_984_347,
    425_987_919_032_274,
    2_207_028_919_301_688,
    1_220_490_630_685_848,
    974_799_131_293_748,
];

/// `ONE_MINUS_D_SQ`.
pub(in crate::group) const ONE_MINUS_D_SQ: Limbs = [
    1_136_626_929_484_150,
    1_998_550_399_581_263,
    496_427_632_559_748,
    118_527_312_129_759,
    45_110_755_273_534,
];

/// `D_MINUS_ONE_SQ`.
pub(in crate::group) const D_MINUS_ONE_SQ: Limbs = [
    1_507_062_230_895_904,
    1_572_317_787_530_805,
    683_053_064_812_840,
    317_374_165_784_489,
    1_572_899_562_415_810,
];

/// The coordinates x, y and x y of the generator.
pub(in crate::group) const GENERATOR: [Limbs; 3] = [
    [
        1_738_742_601_995_546,
        1_146_398_526_822_698,
        2_070_867_633_025_821,
        562_264_141_797_630,
        587_772_402_128_613,
    ],
    [
        1_801_439_850_948_184,
        1_351_079_888_211_148,
        450_359_962_737_049,
        900_719_925_474_099,
        1_801_439_850_948_198,
    ],
    [
        1_841_354_044_333_475,
        16_398_895_984_059,
        755_974_180_946_558,
        900_171_276_175_154,
        1_821_297_809_914_039,
    ],
];

/// (A - 2) / 4, A = 486662 of the Montgomery form v^2 = u^3 + A u^2 + u.
pub(in crate::group) const A_MINUS_2_OVER_4: u32 = 121_665;

/// `2 * A`.
pub(in crate::group) const A_TWICE: u32 = 973_324;

/// The even root of -(A + 2): u = (1 + y) / (1 - y) and v = `MONTGOMERY_SCALE` u / x.
pub(in crate::group) const MONTGOMERY_SCALE: Limbs = [
    1_693_982_333_959_686,
    608_509_411_481_997,
    2_235_573_344_831_311,
    947_681_270_984_193,
    266_558_006_233_600,
];
