// SPDX-License-Identifier: GPL-2.0

//! The netlink socket of the calling thread's network namespace.

use super::Transport;
use crate::error::Error;
use neli::{
    consts::socket::{
        Msg,
        NlFamily, //
    },
    socket::NlSocket,
    utils::Groups,
};
use std::io;

/// Room for the datagrams of a listing that wait to be read.
const RECEIVE_QUEUE_LEN: usize = 1024 * 1024;

/// A generic netlink socket.
pub struct Socket(NlSocket);

impl Socket {
    /// Opens a socket to the kernel.
    pub fn open() -> Result<Self, Error> {
        Self::try_open().map_err(|cause| Error::unreachable("cannot open a netlink socket", &cause))
    }

    fn try_open() -> io::Result<Self> {
        let socket = NlSocket::connect(NlFamily::Generic, None, Groups::empty())?;
        socket.enable_ext_ack(true)?;
        socket.enable_strict_checking(true)?;
        socket.set_recv_buffer_size(RECEIVE_QUEUE_LEN)?;
        Ok(Self(socket))
    }
}

impl Transport for Socket {
    fn send(&mut self, message: &[u8]) -> io::Result<()> {
        self.0.send(message, Msg::empty()).map(|_length| ())
    }

    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (length, _groups) = self.0.recv(buffer, Msg::TRUNC)?;
        Ok(length)
    }
}
