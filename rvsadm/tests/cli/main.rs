// SPDX-License-Identifier: GPL-2.0

//! Tests of the library through its public face, and of the command itself.

mod binary;
mod declare;
mod doctor;
mod document;
mod examples;
mod exchange;
mod exporter;
mod ipvsadm_grammar;
mod ipvsadm_refusals;
mod keepalived;
mod manual;
mod monitor;
mod native_grammar;
mod output;
mod restore;
mod schema;
mod snapshots;
mod support;
mod top;
