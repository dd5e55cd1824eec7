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
    /// `value` where `0 < output < 6`, else zero: what `ReLU6` lets through on the way back.
    unsafe fn let_through(value: Self::Vector, output: Self::Vector) -> Self::Vector;
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
    ($name:ident, $vector:ty, $lanes:literal, $pixels:literal, $splat:path, $load:path, $store:path, $fma:expr, $add:path, $min:path, $max:path, $let_through:path) => {
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
            #[inline(always)]
            unsafe fn let_through(value: $vector, output: $vector) -> $vector {
                unsafe { $let_through(value, output) }
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
    x86::_mm512_max_ps,
    wide::let_through_512
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
    x86::_mm256_max_ps,
    wide::let_through_256
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
    // Of a number and a NaN these take the number, as the other levels do.
    arm::vminnmq_f32,
    arm::vmaxnmq_f32,
    wide::let_through_neon
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
    plain::max,
    plain::let_through
);

/// Comparisons, which are not one intrinsic.
#[cfg(target_arch = "x86_64")]
mod wide {
    use std::arch::x86_64 as x86;

    #[inline(always)]
    pub(super) unsafe fn let_through_512(value: x86::__m512, output: x86::__m512) -> x86::__m512 {
        unsafe {
            let above = x86::_mm512_cmp_ps_mask::<{ x86::_CMP_GT_OQ }>(output, x86::_mm512_setzero_ps());
            let both = x86::_mm512_mask_cmp_ps_mask::<{ x86::_CMP_LT_OQ }>(above, output, x86::_mm512_set1_ps(6.0));
            x86::_mm512_maskz_mov_ps(both, value)
        }
    }
    #[inline(always)]
    pub(super) unsafe fn let_through_256(value: x86::__m256, output: x86::__m256) -> x86::__m256 {
        unsafe {
            let above = x86::_mm256_cmp_ps::<{ x86::_CMP_GT_OQ }>(output, x86::_mm256_setzero_ps());
            let below = x86::_mm256_cmp_ps::<{ x86::_CMP_LT_OQ }>(output, x86::_mm256_set1_ps(6.0));
            x86::_mm256_and_ps(value, x86::_mm256_and_ps(above, below))
        }
    }
}

/// Comparisons, which are not one intrinsic.
#[cfg(target_arch = "aarch64")]
mod wide {
    use std::arch::aarch64 as arm;

    #[inline(always)]
    pub(super) unsafe fn let_through_neon(value: arm::float32x4_t, output: arm::float32x4_t) -> arm::float32x4_t {
        unsafe {
            let above = arm::vcgtq_f32(output, arm::vdupq_n_f32(0.0));
            let both = arm::vandq_u32(above, arm::vcltq_f32(output, arm::vdupq_n_f32(6.0)));
            arm::vbslq_f32(both, value, arm::vdupq_n_f32(0.0))
        }
    }
}

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
    #[inline(always)]
    pub(super) unsafe fn let_through(value: Four, output: Four) -> Four {
        from_fn(|i| if output[i] > 0.0 && output[i] < 6.0 { value[i] } else { 0.0 })
    }
}
