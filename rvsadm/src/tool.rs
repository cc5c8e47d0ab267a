// SPDX-License-Identifier: GPL-2.0

//! Commands that are more than a request and an answer.

use crate::{
    action::Action,
    client::Client,
    doctor::{
        self,
        host::Here, //
    },
    error::Error,
    exporter::{
        self,
        Limits, //
    },
    monitor,
    netlink::socket::Socket,
    netns,
    output::{
        metrics::Level,
        paper::Paper, //
    },
    top,
};

use std::time::Duration;

/// What to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Look for what often goes wrong.
    Doctor(doctor::Question),
    /// Show services and servers on a whole terminal, so often.
    Top(Duration),
    /// Print what happens.
    Monitor(monitor::Wish),
    /// Serve counters over HTTP.
    Exporter(exporter::Offer),
}

impl Tool {
    /// Runs it in a network namespace; returns the exit code.
    pub fn run(&self, netns: Option<&str>, out: &mut impl Paper) -> Result<u8, Error> {
        let enter = || netns.map_or(Ok(()), netns::enter);
        match self {
            Self::Doctor(question) => {
                enter()?;
                let client = Socket::open().and_then(Client::connect);
                let unreachable = |cause| Error::unreachable("cannot ask for devices", &cause);
                let mut here = Here::open().map_err(unreachable)?;
                doctor::run(question, client, &mut here, out)
            }
            Self::Top(pause) => {
                enter()?;
                top::run(*pause, || Client::connect(Socket::open()?))?;
                Ok(0)
            }
            Self::Monitor(wish) => {
                enter()?;
                let info = Client::connect(Socket::open()?)?.info()?;
                if !info.features.iter().any(|feature| feature == "events") {
                    return Err(Error::Lacking(
                        "events are not supported by this kernel module".to_owned(),
                    ));
                }
                monitor::run(wish, Socket::open()?, out)?;
                Ok(0)
            }
            Self::Exporter(offer) => {
                // Whoever collects counters need not be in the namespace that they are of.
                let listener = exporter::listen(offer.listen)?;
                let at = listener.local_addr()?;
                enter()?;
                writeln!(out, "http://{at}/metrics")?;
                out.flush()?;
                let level = offer.level;
                exporter::serve(&listener, move || counters(level), Limits::default())
            }
        }
    }
}

/// What the kernel has counted; asked anew each time, because the module may be another one.
fn counters(level: Level) -> Result<Vec<u8>, Error> {
    let mut client = Client::connect(Socket::open()?)?;
    let mut text = Vec::new();
    Action::Metrics(level).run(&mut client, &mut text)?;
    Ok(text)
}
