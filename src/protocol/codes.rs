//! The domain's code lists: reasons, collectibility, bands, purposes, causes, roles.
//!
//! Numbers are what signed and sealed bytes carry and never change their meaning; names are what
//! files and JSON carry.

use serde::{Deserialize, Serialize};

macro_rules! code_list {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $number:literal, $text:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[repr(u8)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant = $number,)+ }

        impl $name {
            /// Every value, in order of its number.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name that files and JSON carry.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The number that signed and sealed bytes carry.
            #[must_use]
            pub const fn number(self) -> u8 {
                self as u8
            }

            /// The value of a name, compared without regard to ASCII case.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|v| v.as_str().eq_ignore_ascii_case(text))
            }

            /// The value of a number.
            #[must_use]
            pub fn from_number(number: u8) -> Option<Self> {
                Self::ALL.iter().copied().find(|v| v.number() == number)
            }
        }

        super::schema::schema!($name, super::schema::one_of($name::ALL.iter().map(|v| v.as_str())));
    };
}

code_list! {
    /// Why a person is listed. The number is also the bit in a summary's bitmap of reasons.
    Reason {
        /// Principal in default.
        MacetPokok = 0, "MACET_POKOK";
        /// Interest in default.
        MacetBunga = 1, "MACET_BUNGA";
        /// Absconded.
        Kabur = 2, "KABUR";
        /// Forged papers.
        DokumenPalsu = 3, "DOKUMEN_PALSU";
        /// Double loan.
        PinjamanGanda = 4, "PINJAMAN_GANDA";
        /// Collateral abused.
        PenyalahgunaanAgunan = 5, "PENYALAHGUNAAN_AGUNAN";
        /// Identity-theft victim: protects, and never counts against the person.
        Korban = 6, "KORBAN";
        /// Civil servant (programme lists).
        Asn = 16, "ASN";
        /// Armed forces (programme lists).
        Tni = 17, "TNI";
        /// Police (programme lists).
        Polri = 18, "POLRI";
        /// Pupil or student (programme lists).
        Pelajar = 19, "PELAJAR";
        /// Receives social assistance (programme lists).
        PenerimaBansos = 20, "PENERIMA_BANSOS";
        /// Director of a state-owned enterprise (programme lists).
        DireksiBumn = 21, "DIREKSI_BUMN";
        /// The NIK was reported as not valid (programme lists).
        NikTidakValid = 22, "NIK_TIDAK_VALID";
    }
}

impl Reason {
    /// Whether the reason excludes from a programme instead of reporting a debt: such a listing
    /// carries neither collectibility nor an amount.
    #[must_use]
    pub const fn is_programme(self) -> bool {
        (self as u8) >= 16
    }
}

code_list! {
    /// Collectibility (kolektibilitas) as OJK grades it, by days in arrears.
    Collectibility {
        /// 1, current: 0 days.
        Lancar = 1, "1";
        /// 2, special mention: 1 to 90 days.
        DalamPerhatianKhusus = 2, "2";
        /// 3, substandard: 91 to 120 days.
        KurangLancar = 3, "3";
        /// 4, doubtful: 121 to 180 days.
        Diragukan = 4, "4";
        /// 5, loss: over 180 days.
        Macet = 5, "5";
    }
}

code_list! {
    /// The credit limit (plafond) as a band; exact amounts are never sent.
    AmountBand {
        /// Below 5 million rupiah.
        Below5 = 1, "<5";
        /// 5 to 25 million rupiah.
        From5To25 = 2, "5-25";
        /// 25 to 100 million rupiah.
        From25To100 = 3, "25-100";
        /// Above 100 million rupiah.
        Above100 = 4, ">100";
    }
}

code_list! {
    /// How many listings count for a person, as a band.
    CountBand {
        /// None (a person with only `KORBAN` listings).
        None = 0, "0";
        /// One.
        One = 1, "1";
        /// Two or three.
        TwoOrThree = 2, "2-3";
        /// More than three.
        More = 3, ">3";
    }
}

impl CountBand {
    /// The band of a count.
    #[must_use]
    pub const fn of(count: usize) -> Self {
        match count {
            0 => Self::None,
            1 => Self::One,
            2 | 3 => Self::TwoOrThree,
            _ => Self::More,
        }
    }
}

code_list! {
    /// What a listing is at the moment.
    ListingStatus {
        /// Counts as listed until it expires.
        Active = 1, "ACTIVE";
        /// Disputed: counts as absent until the dispute is decided (UU PDP 27/2022 art. 41).
        Suspended = 2, "SUSPENDED";
        /// Paid (LUNAS) or expired: counts as previously listed until the look-back ends.
        Previously = 3, "PREVIOUSLY";
        /// Taken off the list while a version of it was staged: kept in that version, as absent, so
        /// that no row of it brings the person back; gone with the next pass after the switch.
        Withdrawn = 4, "WITHDRAWN";
    }
}

code_list! {
    /// Why a listing is removed, settled or changed after the fact.
    RemovalCause {
        /// Paid in full: becomes `PREVIOUSLY` at once.
        Lunas = 1, "LUNAS";
        /// The NIK was wrong: leaves nothing.
        NikSalah = 2, "NIK_SALAH";
        /// Court order: leaves nothing.
        PutusanPengadilan = 3, "PUTUSAN_PENGADILAN";
        /// Death: leaves nothing.
        Meninggal = 4, "MENINGGAL";
        /// Listed by mistake, withdrawn by its contributor: leaves nothing.
        DicabutPelapor = 5, "DICABUT_PELAPOR";
        /// Disputed: suspended until decided.
        Sanggahan = 6, "SANGGAHAN";
        /// The dispute was decided against the person: the suspension ends.
        SanggahanDitolak = 7, "SANGGAHAN_DITOLAK";
        /// Consent withdrawn (UU PDP 27/2022 art. 40): leaves nothing.
        PersetujuanDicabut = 8, "PERSETUJUAN_DICABUT";
    }
}

code_list! {
    /// The declared purpose of an order (it cannot be proved). The legal basis that UU PDP 27/2022
    /// art. 20 asks for follows from it.
    Purpose {
        /// No person is concerned (administration).
        Administration = 0, "administration";
        /// An application for credit.
        CreditApplication = 1, "credit-application";
        /// A loan is renewed or restructured.
        CreditRenewal = 2, "credit-renewal";
        /// A defaulter is reported, settled or withdrawn.
        Reporting = 3, "reporting";
        /// A programme screens its applicants.
        ProgrammeScreening = 4, "programme-screening";
        /// A member watches its own borrowers.
        PortfolioWatch = 5, "portfolio-watch";
        /// A contributor verifies that its own entries are served.
        OwnVerification = 6, "own-verification";
        /// A dispute is worked on.
        Dispute = 7, "dispute";
    }
}

code_list! {
    /// What an organisation may do on a list.
    Role {
        /// Submit, settle and withdraw its own listings.
        Contribute = 1, "contribute";
        /// Check single applicants: evaluation and buckets.
        Check = 2, "check";
        /// Screen many: evaluation and snapshots, never buckets.
        Screen = 3, "screen";
        /// Administer the list: grants, suspensions, policy.
        Administer = 4, "administer";
        /// Watch one's own borrowers: evaluation for that purpose alone, snapshots and deltas, never
        /// buckets.
        Watch = 5, "watch";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_round_trip_and_are_distinct() {
        for &reason in Reason::ALL {
            assert_eq!(Reason::parse(reason.as_str()), Some(reason));
            assert_eq!(Reason::from_number(reason.number()), Some(reason));
            assert!(reason.number() < 32, "a reason is a bit of a 32-bit map");
        }
        assert_eq!(Reason::parse("macet_pokok"), Some(Reason::MacetPokok));
        assert_eq!(Reason::parse("MACET"), None);
        assert_eq!(Role::from_number(0), None);
    }

    #[test]
    fn counts_fall_into_bands() {
        let bands: Vec<_> = [0, 1, 2, 3, 4, 400].map(CountBand::of).into();
        assert_eq!(
            bands.iter().map(|b| b.as_str()).collect::<Vec<_>>(),
            ["0", "1", "2-3", "2-3", ">3", ">3"]
        );
    }
}
