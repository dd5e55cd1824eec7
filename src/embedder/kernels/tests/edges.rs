//! What is not a number, nothing, or outside.

use super::*;

#[test]
fn relu6_of_what_is_not_a_number_is_zero_at_every_level() {
    let packed = Packed::new(&[1.0; 3 * GROUP], &[0.0; GROUP]);
    let mut input = Buffer::zeros(7 * GROUP);
    input.fill(1.0);
    input[2 * GROUP] = f32::NAN;
    for level in SimdLevel::available() {
        let mut output = Buffer::zeros(7 * GROUP);
        let product = Product {
            input: &input,
            values: Values::Groups { group_stride: 7 * GROUP },
            pixels: 7,
            packed: &packed,
            groups: (0, 1),
            rows: Rows::flat(7),
            group_stride: 7 * GROUP,
            finish: Finish::Relu6,
        };
        product.run(level, &mut output);
        let expected: Vec<f32> = (0..7 * GROUP).map(|i| if i / GROUP == 2 { 0.0 } else { 3.0 }).collect();
        assert_eq!(*output, expected, "{}", level.name());
    }
}

#[test]
#[should_panic(expected = "a product of nothing")]
fn a_product_of_no_values_is_refused() {
    let packed = Packed::new(&[], &[0.0; GROUP]);
    let product = Product {
        input: &[0.0; GROUP],
        values: Values::Groups { group_stride: GROUP },
        pixels: 1,
        packed: &packed,
        groups: (0, 1),
        rows: Rows::flat(1),
        group_stride: GROUP,
        finish: Finish::Linear,
    };
    product.run(SimdLevel::Scalar, &mut [0.0; GROUP]);
}

#[test]
fn the_transpose_is_packed_like_the_transposed_matrix() {
    let (channels, depth) = (37, 21);
    let weight = numbers(4, channels * depth);
    let turned: Vec<f32> = (0..depth).flat_map(|k| weight.iter().skip(k).step_by(depth)).copied().collect();
    let (ours, expected) = (Packed::transposed(&weight, depth), Packed::new(&turned, &vec![0.0; channels]));
    assert!(*ours.weight == *expected.weight && ours.depth == expected.depth && ours.channels == expected.channels);
}

#[test]
#[should_panic(expected = "write past")]
fn a_job_outside_its_slices_is_refused() {
    let packed = Packed::new(&[1.0; 16], &[0.0; 16]);
    let product = Product {
        input: &[0.0; 64],
        values: Values::Groups { group_stride: 64 },
        pixels: 4,
        packed: &packed,
        groups: (0, 1),
        rows: Rows::flat(4),
        group_stride: 64,
        finish: Finish::Linear,
    };
    product.run(SimdLevel::Scalar, &mut [0.0; 63]);
}
