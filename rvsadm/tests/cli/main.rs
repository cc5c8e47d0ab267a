// SPDX-License-Identifier: GPL-2.0

//! Tests of the library through its public face, and of the command itself.

mod binary;
mod exchange;
mod ipvsadm_grammar;
mod manual;
mod native_grammar;
mod output;
mod support;
