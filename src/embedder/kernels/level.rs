//! Which instructions the machine has, and the kernels compiled for each of them.

use super::{depthwise, outer, product, simd, taps};

/// The environment variable names instructions that this machine has not, or none at all.
#[derive(Debug, thiserror::Error)]
#[error("TRIPLETUI_SIMD is set to `{wanted}`; this machine has {available}; without it the first of these is taken")]
pub struct NoSuchLevel {
    wanted: String,
    available: String,
}

/// Which instructions the kernels use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimdLevel {
    /// 512-bit vectors (x86-64).
    Avx512,
    /// 256-bit vectors with fused multiply-add (x86-64).
    Avx2,
    /// 128-bit vectors (64-bit ARM).
    Neon,
    /// Plain Rust; the compiler may still vectorise it for the base instruction set.
    Scalar,
}

impl SimdLevel {
    /// The name, as the environment variable `TRIPLETUI_SIMD` takes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "avx512",
            Self::Avx2 => "avx2",
            Self::Neon => "neon",
            Self::Scalar => "scalar",
        }
    }

    /// What this machine has, best first. Never empty: `Scalar` is last.
    pub fn available() -> Vec<Self> {
        let all = [Self::Avx512, Self::Avx2, Self::Neon, Self::Scalar];
        all.into_iter().filter(|level| level.is_available()).collect()
    }

    /// The best level, or the one the environment variable `TRIPLETUI_SIMD` names. Refuses one this machine has not.
    pub fn detect() -> Result<Self, NoSuchLevel> {
        let wanted = std::env::var_os("TRIPLETUI_SIMD").unwrap_or_default();
        let (wanted, available) = (wanted.to_string_lossy(), Self::available());
        let chosen = available.iter().find(|level| wanted.is_empty() || level.name() == wanted);
        chosen.copied().ok_or_else(|| {
            let names: Vec<&str> = available.iter().map(|level| level.name()).collect();
            NoSuchLevel { wanted: wanted.into_owned(), available: names.join(", ") }
        })
    }

    /// Whether this machine has the instructions.
    pub fn is_available(self) -> bool {
        match self {
            Self::Avx512 | Self::Avx2 => self.is_available_on_x86(),
            Self::Neon => cfg!(target_arch = "aarch64"),
            Self::Scalar => true,
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn is_available_on_x86(self) -> bool {
        let wide = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vl");
        is_x86_feature_detected!("fma") && is_x86_feature_detected!("avx2") && (wide || self != Self::Avx512)
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn is_available_on_x86(self) -> bool {
        false
    }
}

/// Compiles one kernel for every level of this architecture and picks at run time.
macro_rules! for_every_level {
    ($(#[$doc:meta])* $name:ident, $kernel:ident, $job:ty, $($constant:ident),*) => {
        $(#[$doc])*
        pub(super) unsafe fn $name<$(const $constant: usize),*>(level: SimdLevel, job: &$job) {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512vl,fma")]
            unsafe fn avx512<$(const $constant: usize),*>(job: &$job) {
                unsafe { $kernel::run::<simd::Avx512, $($constant),*>(job) }
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            unsafe fn avx2<$(const $constant: usize),*>(job: &$job) {
                unsafe { $kernel::run::<simd::Avx2, $($constant),*>(job) }
            }
            // SAFETY: the caller vouches for the job and for the level.
            unsafe {
                match level {
                    #[cfg(target_arch = "x86_64")]
                    SimdLevel::Avx512 => avx512::<$($constant),*>(job),
                    #[cfg(target_arch = "x86_64")]
                    SimdLevel::Avx2 => avx2::<$($constant),*>(job),
                    #[cfg(target_arch = "aarch64")]
                    SimdLevel::Neon => $kernel::run::<simd::Neon, $($constant),*>(job),
                    _ => $kernel::run::<simd::Scalar, $($constant),*>(job),
                }
            }
        }
    };
}

for_every_level!(
    /// Runs a product. # Safety: `level` is available and all places of `job` lie within their allocations.
    run_product, product, product::Job, STEP
);
for_every_level!(
    /// Runs a depthwise convolution. # Safety: as for [`run_product`].
    run_depthwise, depthwise, depthwise::Job, K, STRIDE
);
for_every_level!(
    /// Runs a sum of outer products. # Safety: as for [`run_product`].
    run_outer, outer, outer::Job,
);
for_every_level!(
    /// Runs the gradient of a depthwise kernel. # Safety: as for [`run_product`].
    run_taps, taps, taps::Job, K, STRIDE
);
