// SPDX-License-Identifier: GPL-2.0

//! As much of HTTP/1.1 as counters need: a request without a body, an answer, the end.

use std::{
    io::{
        self,
        Read,
        Write, //
    },
    sync::Arc,
};

/// Longest head of a request.
const MOST: usize = 8 * 1024;

/// What the text is, for whoever reads it.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PLAIN: &str = "text/plain; charset=utf-8";

const INDEX: &str = "rvsadm exporter: the counters of rvs are at /metrics\n";

/// Why there is no request.
#[derive(Debug)]
pub enum Bad {
    /// The client went away, or was too slow.
    Gone(io::Error),
    /// This is what to tell it.
    Request(Answer),
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    method: String,
    path: String,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    status: u16,
    kind: &'static str,
    body: Arc<[u8]>,
    /// Whether the body is wanted, not only its length.
    whole: bool,
}

/// Reads a request up to the empty line.
pub fn read(from: &mut impl Read) -> Result<Request, Bad> {
    let mut head = Vec::new();
    let mut buffer = [0; 1024];
    loop {
        let length = from.read(&mut buffer).map_err(Bad::Gone)?;
        if length == 0 {
            return Err(Bad::Gone(io::ErrorKind::UnexpectedEof.into()));
        }
        head.extend_from_slice(buffer.get(..length).unwrap_or_default());
        if let Some(end) = end(&head) {
            head.truncate(end);
            return parse(&head);
        }
        if head.len() > MOST {
            let answer = Answer::plain(431, "the request is too long\n");
            return Err(Bad::Request(answer));
        }
    }
}

/// Where the head ends; a bare line feed is a line's end, too.
fn end(head: &[u8]) -> Option<usize> {
    let ends = |mark: &[u8]| head.windows(mark.len()).position(|window| window == mark);
    let found = [ends(b"\r\n\r\n"), ends(b"\n\n")];
    found.into_iter().flatten().min()
}

/// Understands `GET /metrics?x=y HTTP/1.1` and what follows it.
fn parse(head: &[u8]) -> Result<Request, Bad> {
    let bad = |text: &str| Bad::Request(Answer::plain(400, text));
    let text = std::str::from_utf8(head).map_err(|_| bad("the request is not text\n"))?;
    let line = text.lines().next().unwrap_or_default();
    let mut words = line.split(' ');
    let (method, target, version) = (words.next(), words.next(), words.next());
    let (Some(method), Some(target), Some(version), None) = (method, target, version, words.next())
    else {
        return Err(bad("this is not a request of HTTP\n"));
    };
    if !version.starts_with("HTTP/1.") {
        let answer = Answer::plain(505, "HTTP/1.1 is spoken here\n");
        return Err(Bad::Request(answer));
    }
    // A proxy may be sent the whole address.
    let path = match target.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/"),
        None => target,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    Ok(Request {
        method: method.to_owned(),
        path: path.to_owned(),
    })
}

impl Request {
    /// The answer; `counters` are asked for only if they are wanted.
    pub fn answer(&self, counters: impl FnOnce() -> Result<Arc<[u8]>, Arc<str>>) -> Answer {
        let whole = self.method != "HEAD";
        if whole && self.method != "GET" {
            return Answer::plain(405, "GET and HEAD are the methods here\n");
        }
        let answer = match self.path.as_str() {
            "/metrics" => match counters() {
                Ok(body) => Answer {
                    status: 200,
                    kind: OPENMETRICS,
                    body,
                    whole,
                },
                Err(text) => Answer::plain(503, &format!("{text}\n")),
            },
            "/" => Answer::plain(200, INDEX),
            _ => Answer::plain(404, "there is only /metrics\n"),
        };
        Answer { whole, ..answer }
    }
}

impl Answer {
    /// A short text.
    pub fn plain(status: u16, text: &str) -> Self {
        Self {
            status,
            kind: PLAIN,
            body: text.as_bytes().into(),
            whole: true,
        }
    }

    /// Writes it.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let reason = match self.status {
            200 => "OK",
            400 => "Bad Request",
            404 => "Not Found",
            405 => "Method Not Allowed",
            431 => "Request Header Fields Too Large",
            505 => "HTTP Version Not Supported",
            _ => "Service Unavailable",
        };
        let allow = match self.status {
            405 => "Allow: GET, HEAD\r\n",
            _ => "",
        };
        let head = format!(
            "HTTP/1.1 {} {reason}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\
             {allow}Connection: close\r\n\r\n",
            self.status,
            self.kind,
            self.body.len()
        );
        to.write_all(head.as_bytes())?;
        if self.whole {
            to.write_all(&self.body)?;
        }
        to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(request: &[u8]) -> String {
        let mut out = Vec::new();
        let answer = match read(&mut io::Cursor::new(request)) {
            Ok(request) => request.answer(|| Ok((*b"counters\n").into())),
            Err(Bad::Request(answer)) => answer,
            Err(Bad::Gone(_)) => return "gone".to_owned(),
        };
        answer.write(&mut out).expect("memory");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn requests() {
        let status = |request: &str| {
            let text = answer(request.as_bytes());
            text.split(' ').nth(1).unwrap_or(&text).to_owned()
        };
        let cases = [
            ("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "200"),
            ("GET /metrics HTTP/1.0\n\n", "200"),
            ("GET /metrics?level=server HTTP/1.1\r\n\r\n", "200"),
            ("GET http://host:1/metrics HTTP/1.1\r\n\r\n", "200"),
            ("GET http://host HTTP/1.1\r\n\r\n", "200"),
            ("GET / HTTP/1.1\r\n\r\n", "200"),
            ("GET /metrics/ HTTP/1.1\r\n\r\n", "404"),
            ("GET  /metrics HTTP/1.1\r\n\r\n", "400"),
            ("GET /metrics\r\n\r\n", "400"),
            ("\r\n\r\n", "400"),
            ("POST /metrics HTTP/1.1\r\n\r\nbody", "405"),
            ("PRI * HTTP/2.0\r\n\r\n", "505"),
            ("GET /metrics HTTP/1.1\r\n", "gone"),
            ("", "gone"),
        ];
        for (request, want) in cases {
            assert_eq!(status(request), want, "{request:?}");
        }
        assert!(answer(b"\xff\xfe\r\n\r\n").starts_with("HTTP/1.1 400 "));
        let endless = format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(2 * MOST));
        assert_eq!(status(&endless), "431");
    }

    #[test]
    fn answers() {
        let get = answer(b"GET /metrics HTTP/1.1\r\n\r\n");
        let want = "HTTP/1.1 200 OK\r\n\
                    Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n\
                    Content-Length: 9\r\nConnection: close\r\n\r\n";
        assert_eq!(get, format!("{want}counters\n"));
        assert_eq!(answer(b"HEAD /metrics HTTP/1.1\r\n\r\n"), want);
        assert!(answer(b"PUT / HTTP/1.1\r\n\r\n").contains("\r\nAllow: GET, HEAD\r\n"));
    }
}
