// SPDX-License-Identifier: GPL-2.0

//! The grammar of ipvsadm 1.31: one command, then options in any order.
//!
//! [`FLAGS`] is the grammar; [`tokens`] splits arguments by it, [`rules`] says which
//! command takes which option. Complaints are worded as ipvsadm words them.

mod flags;
mod rules;
mod tokens;

use super::values::{
    named_place,
    Place, //
};
use crate::{
    action::{
        Action,
        Listing, //
    },
    error::Error,
    output::list::Style,
    request::{
        Config,
        Request,
        ServerSpec,
        ServiceKey, //
    },
};
pub use flags::{
    Command,
    Flag,
    Meaning,
    Opt,
    FLAGS, //
};
use rvs_logic::logic::{
    addr::{
        Endpoint,
        Family,
        Protocol, //
    },
    uapi::{
        self,
        Method, //
    },
};
use tokens::{
    Token,
    Tokens, //
};

const DEFAULT_SCHEDULER: &str = "wlc";
const DEFAULT_WEIGHT: u32 = 1;

/// Everything that the options say.
#[derive(Default)]
struct Options {
    given: Vec<Opt>,
    service: Option<(Protocol, Place)>,
    scheduler: Option<String>,
    server: Option<Place>,
    method: Option<Method>,
    weight: Option<u32>,
    loose: Vec<String>,
}

/// Understands the arguments that follow the name of the command.
pub fn parse(args: &[String]) -> Result<Action, Error> {
    if args.is_empty() {
        return listing(&Options::default());
    }
    let mut tokens = Tokens::new(args);
    let command = first_command(&mut tokens)?;
    let mut options = Options::default();
    if command == Command::Set {
        // ipvsadm takes the first timeout as the value of --set.
        options.loose.extend(tokens.next_argument());
    }
    for token in tokens {
        options.take(token?)?;
    }
    if command == Command::Set {
        return timeouts(options.loose);
    }
    if let Some(unexpected) = options.loose.first() {
        return Err(Error::usage(format!("unexpected argument {unexpected}")));
    }
    rules::check(command, &options.given)?;
    options.action(command)
}

fn first_command(tokens: &mut Tokens<'_>) -> Result<Command, Error> {
    let first = match tokens.next() {
        Some(Ok(Token::Flag { flag, .. })) => Some(flag),
        _ => None,
    };
    match first.map(|flag| (flag, flag.meaning)) {
        Some((_, Meaning::Command(command))) => Ok(command),
        Some((flag, Meaning::LaterCommand)) => Err(unsupported(flag)),
        _ => Err(Error::usage(
            "Try `rvsadm -h' or 'rvsadm --help' for more information.",
        )),
    }
}

fn unsupported(flag: &Flag) -> Error {
    Error::usage(format!(
        "this version of rvs does not support {}",
        flag.name()
    ))
}

impl Options {
    fn take(&mut self, token: Token<'_>) -> Result<(), Error> {
        let (flag, typed, value) = match token {
            Token::Argument(text) => {
                self.loose.push(text.to_owned());
                return Ok(());
            }
            Token::Flag { flag, typed, value } => (flag, typed, value.unwrap_or_default()),
        };
        match flag.meaning {
            Meaning::Option(opt) => {
                self.give(opt)?;
                self.set(opt, flag, value)
            }
            Meaning::Nothing => Ok(()),
            Meaning::LaterOption => Err(unsupported(flag)),
            Meaning::Command(_) | Meaning::LaterCommand => {
                Err(Error::usage(format!("invalid option `{typed}'")))
            }
        }
    }

    fn give(&mut self, opt: Opt) -> Result<(), Error> {
        if self.given.contains(&opt) {
            return Err(Error::usage(format!(
                "multiple '{}' options specified",
                opt.name()
            )));
        }
        self.given.push(opt);
        Ok(())
    }

    fn set(&mut self, opt: Opt, flag: &Flag, value: &str) -> Result<(), Error> {
        match opt {
            Opt::Service => {
                let protocol = match flag.short {
                    Some('u') => Protocol::UDP,
                    _ => Protocol::TCP,
                };
                let place = place(value, protocol, "virtual server")?;
                self.service = Some((protocol, place));
            }
            Opt::Scheduler => self.scheduler = Some(value.to_owned()),
            Opt::Server => {
                // As in ipvsadm the protocol of a port's name is the service's, if known yet.
                let protocol = self.service.map_or(Protocol::TCP, |(protocol, _)| protocol);
                self.server = Some(place(value, protocol, "real server")?);
            }
            Opt::Forward => {
                self.method = Some(match flag.short {
                    Some('m') => Method::Nat,
                    _ => Method::Direct,
                });
            }
            Opt::Weight => self.weight = Some(weight(value)?),
            Opt::Numeric
            | Opt::Connection
            | Opt::Timeout
            | Opt::Stats
            | Opt::NoSort
            | Opt::Exact => {}
        }
        Ok(())
    }

    fn has(&self, opt: Opt) -> bool {
        self.given.contains(&opt)
    }

    fn action(self, command: Command) -> Result<Action, Error> {
        let request = match command {
            Command::List => return listing(&self),
            Command::Flush => Request::Flush,
            Command::AddService => Request::ServiceNew(self.portful_key()?, self.scheduler()),
            Command::EditService => Request::ServiceSet(self.portful_key()?, self.scheduler()),
            Command::DeleteService => Request::ServiceDel(self.key()?),
            Command::AddServer => Request::ServerNew(self.key()?, self.server()?),
            Command::EditServer => Request::ServerSet(self.key()?, self.server()?),
            Command::DeleteServer => Request::ServerDel(self.key()?, self.server_place()?),
            Command::Set => return timeouts(self.loose),
        };
        Ok(Action::Change(request))
    }

    fn key(&self) -> Result<ServiceKey, Error> {
        let (protocol, place) = self
            .service
            .ok_or_else(|| Error::usage("no service specified"))?;
        Ok(ServiceKey {
            family: place.family,
            protocol,
            endpoint: place.endpoint(0),
        })
    }

    /// The key of a service that is added or edited, which needs a port.
    fn portful_key(&self) -> Result<ServiceKey, Error> {
        let key = self.key()?;
        if key.endpoint.port == 0 {
            return Err(Error::usage(
                "Zero port specified for non-persistent service",
            ));
        }
        Ok(key)
    }

    fn scheduler(&self) -> String {
        let given = self.scheduler.as_deref();
        given.unwrap_or(DEFAULT_SCHEDULER).to_owned()
    }

    /// The address of the server; the port is the service's if it is not given.
    fn server_place(&self) -> Result<Endpoint, Error> {
        let service = self.key()?;
        let place = self
            .server
            .ok_or_else(|| Error::usage("no server specified"))?;
        if place.family != service.family {
            return Err(Error::usage(
                "Different address family is allowed only for tunneling servers",
            ));
        }
        Ok(place.endpoint(service.endpoint.port))
    }

    /// The server with ipvsadm's defaults: an edit resets what is not given.
    fn server(&self) -> Result<ServerSpec, Error> {
        let method = self.method.unwrap_or(Method::Direct);
        let mut endpoint = self.server_place()?;
        if method == Method::Direct {
            // Direct routing cannot change the port.
            endpoint.port = self.key()?.endpoint.port;
        }
        Ok(ServerSpec {
            endpoint,
            method: Some(method),
            weight: Some(self.weight.unwrap_or(DEFAULT_WEIGHT)),
        })
    }
}

fn listing(options: &Options) -> Result<Action, Error> {
    let [connections, timeouts, stats] =
        [Opt::Connection, Opt::Timeout, Opt::Stats].map(|opt| options.has(opt));
    if (connections || timeouts) && stats {
        return Err(Error::usage("options conflicts in the list command"));
    }
    Ok(Action::List(if connections {
        Listing::Conns
    } else if timeouts {
        Listing::Timeouts
    } else {
        Listing::Services {
            only: options.service.map(|_| options.key()).transpose()?,
            style: Style {
                stats,
                exact: options.has(Opt::Exact),
                sorted: !options.has(Opt::NoSort),
            },
        }
    }))
}

/// The values of `--set`; zero keeps the present value.
fn timeouts(values: Vec<String>) -> Result<Action, Error> {
    let [tcp, fin, udp, more @ ..] = values.as_slice() else {
        return Err(Error::usage("--set option requires 3 timeout values"));
    };
    let config = Config {
        timeout_tcp: timeout(tcp)?,
        timeout_tcp_fin: timeout(fin)?,
        timeout_udp: timeout(udp)?,
    };
    if let Some(unexpected) = more.first() {
        return Err(Error::usage(format!("unexpected argument {unexpected}")));
    }
    Ok(Action::Change(Request::ConfigSet(config)))
}

fn timeout(text: &str) -> Result<Option<u32>, Error> {
    match number(text, uapi::TIMEOUT_MAX) {
        Some(0) => Ok(None),
        Some(seconds) => Ok(Some(seconds)),
        None => Err(Error::usage(format!(
            "invalid timeout value `{text}' specified"
        ))),
    }
}

fn weight(text: &str) -> Result<u32, Error> {
    number(text, uapi::WEIGHT_MAX).ok_or_else(|| Error::usage("illegal weight specified"))
}

fn number(text: &str, max: u32) -> Option<u32> {
    text.parse().ok().filter(|value| *value <= max)
}

/// An address; in brackets it needs a port.
fn place(text: &str, protocol: Protocol, what: &str) -> Result<Place, Error> {
    let place = named_place(text, protocol);
    place
        .filter(|place| place.family == Family::Ipv4 || !text.ends_with(']'))
        .ok_or_else(|| Error::usage(format!("illegal {what} address[:port] specified")))
}
