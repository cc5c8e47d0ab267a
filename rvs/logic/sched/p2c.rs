// SPDX-License-Identifier: GPL-2.0

//! Power of two choices: the less loaded one of two servers that are drawn in
//! proportion to the weights. [`super::twos::second_is_better`] compares them.

use super::classes::{
    Cell,
    Classes,
    Dice, //
};

/// Draws two servers, which may be the same.
#[inline]
pub fn draw(classes: &Classes, cells: &[Cell], dice: &mut Dice) -> Option<[u32; 2]> {
    Some([classes.draw(cells, dice)?, classes.draw(cells, dice)?])
}
