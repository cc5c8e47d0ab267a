// SPDX-License-Identifier: GPL-2.0

//! Documents that the kernel is to have.

use super::{
    args::SourceName,
    import, //
};
use crate::{
    action::Action,
    declare::{
        confirm,
        Mode,
        Order, //
    },
    document::{
        Document,
        Format,
        Source, //
    },
    error::Error,
    face,
    request::Owner, //
};
use clap::Args;
use std::{
    path::{
        Path,
        PathBuf, //
    },
    time::Duration, //
};

/// A document, and whom it is about.
#[derive(Debug, Args)]
pub(super) struct DocumentArgs {
    /// The file, or - for standard input
    file: PathBuf,
    /// What the file is written in; if it is not said, what it looks like
    #[arg(long, value_name = "FORMAT")]
    from: Option<SourceName>,
    /// Also services that the file does not have: those of its owner go, and timeouts that it
    /// does not name become the usual ones
    #[arg(long)]
    prune: bool,
    /// Whose objects the file is about; it may say that itself
    #[arg(long, value_name = "NAME", value_parser = Owner::typed)]
    owner: Option<Owner>,
    /// Also change and remove what belongs to others
    #[arg(long)]
    force: bool,
}

/// What `apply` does with it.
#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    #[command(flatten)]
    document: DocumentArgs,
    /// Let the kernel check it, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Undo it after so many seconds, unless `rvsadm confirm` comes first
    #[arg(long, value_name = "SECONDS", conflicts_with = "dry_run",
        value_parser = clap::value_parser!(u32).range(1..=86_400))]
    confirm: Option<u32>,
}

impl ApplyArgs {
    pub(super) fn order(self, json: bool) -> Result<Action, Error> {
        let confirm = self.confirm;
        let confirm = confirm.map(|seconds| Duration::from_secs(seconds.into()));
        let mode = match self.dry_run {
            true => Mode::Try,
            false => Mode::Apply { confirm },
        };
        self.document.order(mode, json)
    }
}

impl DocumentArgs {
    pub(super) fn order(self, mode: Mode, json: bool) -> Result<Action, Error> {
        let (name, text) = self.text(&mode)?;
        let format = self.from.map(Format::from);
        let format = format.unwrap_or_else(|| Format::guess(&text));
        let (mut document, lost) = Document::read_all(format, &name, &text)
            .map_err(|complaints| Error::usage(complaints.to_string()))?;
        lost.iter().for_each(|what| face::note_lost(what));
        if let Some(owner) = self.owner {
            document = document.owned_by(owner);
        }
        Ok(Action::Declare(Box::new(Order {
            document,
            source: Source { name, format, text },
            mode,
            prune: self.prune,
            force: self.force,
            json,
        })))
    }

    /// The name and the text of the file, which the process that holds a change gets from the
    /// first one.
    fn text(&self, mode: &Mode) -> Result<(String, String), Error> {
        let holds = matches!(mode, Mode::Apply { confirm: Some(_) });
        if !(holds && confirm::is_holder()) {
            return import::read(&self.file);
        }
        let name = match self.file == Path::new("-") {
            true => "standard input".to_owned(),
            false => self.file.display().to_string(),
        };
        let text = confirm::text_for_holder();
        let text = text.map_err(|cause| Error::unreachable("no document came", &cause))?;
        Ok((name, text))
    }
}
