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
use rustix::{
    net::sockopt::{
        set_socket_send_buffer_size,
        set_socket_send_buffer_size_force,
        socket_send_buffer_size, //
    },
    process::{
        getpid,
        pidfd_getfd,
        pidfd_open,
        PidfdFlags,
        PidfdGetfdFlags, //
    },
};
use std::{
    io,
    os::fd::{
        AsRawFd,
        OwnedFd, //
    },
};

/// Room for the datagrams of a listing that wait to be read.
const RECEIVE_QUEUE_LEN: usize = 1024 * 1024;

/// What every socket has room for.
const SEND_QUEUE_LEN: usize = 32 * 1024;

/// What a message needs besides its own length.
const SEND_MARGIN: usize = 4096;

/// A generic netlink socket.
pub struct Socket(NlSocket);

impl Socket {
    /// Opens a socket to the kernel.
    pub fn open() -> Result<Self, Error> {
        Self::try_open(NlFamily::Generic)
            .map_err(|cause| Error::unreachable("cannot open a netlink socket", &cause))
    }

    /// Opens a socket to rtnetlink.
    pub(super) fn routes() -> io::Result<Self> {
        Self::try_open(NlFamily::Route)
    }

    /// Opens a socket to netfilter.
    pub(super) fn firewall() -> io::Result<Self> {
        Self::try_open(NlFamily::Netfilter)
    }

    /// Hears a multicast group from now on.
    pub(super) fn join(&self, group: u32) -> io::Result<()> {
        self.0.add_mcast_membership(Groups::new_groups(&[group]))
    }

    fn try_open(family: NlFamily) -> io::Result<Self> {
        let socket = NlSocket::connect(family, None, Groups::empty())?;
        socket.enable_ext_ack(true)?;
        socket.enable_strict_checking(true)?;
        socket.set_recv_buffer_size(RECEIVE_QUEUE_LEN)?;
        Ok(Self(socket))
    }
}

impl Socket {
    /// Makes room for a long message, such as a transaction.
    fn make_room(&self, length: usize) -> io::Result<()> {
        let room = length.saturating_add(SEND_MARGIN);
        if room <= SEND_QUEUE_LEN {
            return Ok(());
        }
        let socket = self.handle()?;
        if socket_send_buffer_size(&socket)? >= room {
            return Ok(());
        }
        // Above the system's limit only an administrator of the machine may go.
        if set_socket_send_buffer_size_force(&socket, room).is_err() {
            set_socket_send_buffer_size(&socket, room)?;
        }
        Ok(())
    }

    /// A second handle of the socket, whose own one cannot be lent.
    fn handle(&self) -> io::Result<OwnedFd> {
        let this = pidfd_open(getpid(), PidfdFlags::empty())?;
        let socket = pidfd_getfd(&this, self.0.as_raw_fd(), PidfdGetfdFlags::empty())?;
        Ok(socket)
    }
}

impl Transport for Socket {
    fn send(&mut self, message: &[u8]) -> io::Result<()> {
        self.make_room(message.len())?;
        self.0.send(message, Msg::empty()).map(|_length| ())
    }

    fn receive(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (length, _groups) = self.0.recv(buffer, Msg::TRUNC)?;
        Ok(length)
    }
}
