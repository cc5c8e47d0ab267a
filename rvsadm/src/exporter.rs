// SPDX-License-Identifier: GPL-2.0

//! Counters over HTTP, for Prometheus and its kin.
//!
//! Every connection gets one answer and is closed. Whatever a client does, it has a thread for no
//! longer than [`Limits::patience`], there are no more than [`Limits::clients`] of them, and
//! the kernel is asked no more often than once in [`Limits::fresh`].

pub mod http;

use crate::{
    error::Error,
    output::metrics::Level, //
};
use std::{
    io::{
        self,
        Read,
        Write, //
    },
    net::{
        Shutdown,
        SocketAddr,
        TcpListener,
        TcpStream, //
    },
    sync::{
        atomic::{
            AtomicUsize,
            Ordering, //
        },
        Arc,
        Mutex,
        PoisonError, //
    },
    thread,
    time::{
        Duration,
        Instant, //
    },
};

/// What to serve, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Address and port.
    pub listen: SocketAddr,
    /// How finely counters are told.
    pub level: Level,
}

/// How much clients may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Clients at a time; others are told to come back.
    pub clients: usize,
    /// How long one of them may take, from the first byte to the last.
    pub patience: Duration,
    /// How long an answer of the kernel is good for.
    pub fresh: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            clients: 32,
            patience: Duration::from_secs(10),
            fresh: Duration::from_secs(1),
        }
    }
}

/// An answer of the kernel: the counters, or why there are none.
type Text = Result<Arc<[u8]>, Arc<str>>;

/// What all threads share.
struct Shared<S> {
    source: S,
    limits: Limits,
    clients: AtomicUsize,
    last: Mutex<Option<(Instant, Text)>>,
}

/// Takes the address on which to serve.
pub fn listen(at: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(at)
        .map_err(|cause| Error::unreachable(&format!("cannot listen at {at}"), &cause))
}

/// Serves what `source` tells, for ever.
pub fn serve<S>(listener: &TcpListener, source: S, limits: Limits) -> !
where
    S: Fn() -> Result<Vec<u8>, Error> + Send + Sync + 'static,
{
    /// For how long to wait when there is no room for another client.
    const PAUSE: Duration = Duration::from_millis(100);

    let shared = Arc::new(Shared {
        source,
        limits,
        clients: AtomicUsize::new(0),
        last: Mutex::new(None),
    });
    loop {
        let Ok((stream, _client)) = listener.accept() else {
            // No file or memory is left, or the client has gone; the next may have more luck.
            thread::sleep(PAUSE);
            continue;
        };
        let guest = Guest::new(&shared);
        let started = thread::Builder::new().spawn(move || guest.attend(stream));
        if started.is_err() {
            thread::sleep(PAUSE);
        }
    }
}

/// A client that counts as long as it is there.
struct Guest<S> {
    shared: Arc<Shared<S>>,
    room: bool,
}

impl<S: Fn() -> Result<Vec<u8>, Error>> Guest<S> {
    fn new(shared: &Arc<Shared<S>>) -> Self {
        let before = shared.clients.fetch_add(1, Ordering::Relaxed);
        Self {
            shared: Arc::clone(shared),
            room: before < shared.limits.clients,
        }
    }

    /// Answers one request; errors are the client's.
    fn attend(&self, stream: TcpStream) {
        let patience = match self.room {
            true => self.shared.limits.patience,
            // It is only told that there is none.
            false => self.shared.limits.patience / 10,
        };
        let mut line = Line {
            stream,
            until: Instant::now().checked_add(patience),
        };
        let _gone = self.converse(&mut line);
    }

    fn converse(&self, line: &mut Line) -> io::Result<()> {
        let answer = match self.room {
            false => http::Answer::plain(503, "too many clients\n"),
            true => match http::read(line) {
                Ok(request) => request.answer(|| self.shared.text()),
                Err(http::Bad::Gone(cause)) => return Err(cause),
                Err(http::Bad::Request(answer)) => answer,
            },
        };
        answer.write(line)?;
        line.close()
    }
}

impl<S> Drop for Guest<S> {
    fn drop(&mut self) {
        self.shared.clients.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<S: Fn() -> Result<Vec<u8>, Error>> Shared<S> {
    /// What the kernel says, or said a moment ago.
    fn text(&self) -> Text {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, text)) = &*last {
            if at.elapsed() < self.limits.fresh {
                return text.clone();
            }
        }
        let text = match (self.source)() {
            Ok(text) => Ok(text.into()),
            Err(error) => Err(error.to_string().into()),
        };
        *last = Some((Instant::now(), Text::clone(&text)));
        text
    }
}

/// A connection that ends at some time, however slow its other end is.
struct Line {
    stream: TcpStream,
    until: Option<Instant>,
}

impl Line {
    fn left(&self) -> io::Result<Option<Duration>> {
        let until = self.until.ok_or(io::ErrorKind::TimedOut)?;
        let left = until.saturating_duration_since(Instant::now());
        match left.is_zero() {
            true => Err(io::ErrorKind::TimedOut.into()),
            false => Ok(Some(left)),
        }
    }

    /// Ends the connection so that the answer arrives: what is still unread would reset it.
    fn close(&mut self) -> io::Result<()> {
        /// How much to read of what nobody wants.
        const MOST: usize = 256 * 1024;

        self.stream.shutdown(Shutdown::Write)?;
        let mut buffer = [0; 4096];
        let mut total: usize = 0;
        while total < MOST {
            match self.read(&mut buffer)? {
                0 => break,
                length => total = total.saturating_add(length),
            }
        }
        Ok(())
    }
}

impl Read for Line {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(self.left()?)?;
        self.stream.read(buffer)
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(self.left()?)?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
