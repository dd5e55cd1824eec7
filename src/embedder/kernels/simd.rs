//! One vector type a SIMD level, with the handful of operations the kernels need.

/// Operations on one vector. Every function may only be called where the level's instructions exist.
pub(super) trait Simd: Copy {
    /// One vector register.
    type Vector: Copy;
    /// Numbers in a vector: 4, 8 or 16.
    const LANES: usize;
    /// Most pixels a product tile keeps in registers.
    const PIXELS: usize;
    unsafe fn splat(value: f32) -> Self::Vector;
    unsafe fn load(from: *const f32) -> Self::Vector;
    unsafe fn store(to: *mut f32, value: Self::Vector);
    /// `a * b + c`
    unsafe fn multiply_add(a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    unsafe fn add(a: Self::Vector, b: Self::Vector) -> Self::Vector;
    unsafe fn min(a: Self::Vector, b: Self::Vector) -> Self::Vector;
    unsafe fn max(a: Self::Vector, b: Self::Vector) -> Self::Vector;
}

/// min(max(v, 0), 6)
///
/// # Safety
/// The level's instructions exist.
#[inline(always)]
pub(super) unsafe fn relu6<S: Simd>(value: S::Vector) -> S::Vector {
    unsafe { S::min(S::max(value, S::splat(0.0)), S::splat(6.0)) }
}

/// Implements [`Simd`] by intrinsics of the same signature.
macro_rules! level {
    ($name:ident, $vector:ty, $lanes:literal, $pixels:literal, $splat:path, $load:path, $store:path, $fma:expr, $add:path, $min:path, $max:path) => {
        #[derive(Clone, Copy)]
        pub(super) struct $name;
        // SAFETY of every block below: the caller vouches for the instructions and for the pointers.
        impl Simd for $name {
            type Vector = $vector;
            const LANES: usize = $lanes;
            const PIXELS: usize = $pixels;
            #[inline(always)]
            unsafe fn splat(value: f32) -> $vector {
                unsafe { $splat(value) }
            }
            #[inline(always)]
            unsafe fn load(from: *const f32) -> $vector {
                unsafe { $load(from) }
            }
            #[inline(always)]
            unsafe fn store(to: *mut f32, value: $vector) {
                unsafe { $store(to, value) }
            }
            #[inline(always)]
            unsafe fn multiply_add(a: $vector, b: $vector, c: $vector) -> $vector {
                unsafe { $fma(a, b, c) }
            }
            #[inline(always)]
            unsafe fn add(a: $vector, b: $vector) -> $vector {
                unsafe { $add(a, b) }
            }
            #[inline(always)]
            unsafe fn min(a: $vector, b: $vector) -> $vector {
                unsafe { $min(a, b) }
            }
            #[inline(always)]
            unsafe fn max(a: $vector, b: $vector) -> $vector {
                unsafe { $max(a, b) }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64 as x86;

#[cfg(target_arch = "x86_64")]
level!(
    Avx512,
    x86::__m512,
    16,
    14,
    x86::_mm512_set1_ps,
    x86::_mm512_loadu_ps,
    x86::_mm512_storeu_ps,
    x86::_mm512_fmadd_ps,
    x86::_mm512_add_ps,
    x86::_mm512_min_ps,
    x86::_mm512_max_ps
);
#[cfg(target_arch = "x86_64")]
level!(
    Avx2,
    x86::__m256,
    8,
    6,
    x86::_mm256_set1_ps,
    x86::_mm256_loadu_ps,
    x86::_mm256_storeu_ps,
    x86::_mm256_fmadd_ps,
    x86::_mm256_add_ps,
    x86::_mm256_min_ps,
    x86::_mm256_max_ps
);

#[cfg(target_arch = "aarch64")]
use std::arch::aarch64 as arm;

#[cfg(target_arch = "aarch64")]
level!(
    Neon,
    arm::float32x4_t,
    4,
    6,
    arm::vdupq_n_f32,
    arm::vld1q_f32,
    arm::vst1q_f32,
    |a, b, c| arm::vfmaq_f32(c, a, b),
    arm::vaddq_f32,
    arm::vminq_f32,
    arm::vmaxq_f32
);

level!(
    Scalar,
    plain::Four,
    4,
    2,
    plain::splat,
    plain::load,
    plain::store,
    plain::multiply_add,
    plain::add,
    plain::min,
    plain::max
);

/// Four numbers in plain Rust, for every other processor (the compiler makes SSE2 of it on x86-64).
mod plain {
    use std::array::from_fn;

    pub(super) type Four = [f32; 4];

    // All are marked unsafe to have the signatures of the intrinsics.
    #[inline(always)]
    pub(super) unsafe fn splat(value: f32) -> Four {
        [value; 4]
    }
    #[inline(always)]
    pub(super) unsafe fn load(from: *const f32) -> Four {
        unsafe { from.cast::<Four>().read_unaligned() }
    }
    #[inline(always)]
    pub(super) unsafe fn store(to: *mut f32, value: Four) {
        unsafe { to.cast::<Four>().write_unaligned(value) }
    }
    #[inline(always)]
    pub(super) unsafe fn multiply_add(a: Four, b: Four, c: Four) -> Four {
        from_fn(|i| a[i] * b[i] + c[i])
    }
    #[inline(always)]
    pub(super) unsafe fn add(a: Four, b: Four) -> Four {
        from_fn(|i| a[i] + b[i])
    }
    #[inline(always)]
    pub(super) unsafe fn min(a: Four, b: Four) -> Four {
        from_fn(|i| if a[i] < b[i] { a[i] } else { b[i] })
    }
    #[inline(always)]
    pub(super) unsafe fn max(a: Four, b: Four) -> Four {
        from_fn(|i| if a[i] > b[i] { a[i] } else { b[i] })
    }
}
