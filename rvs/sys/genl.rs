// SPDX-License-Identifier: GPL-2.0

//! Generic netlink: requests, refusals with a text, replies and dumps.
//!
//! Policies and the table of operations are generated from `Documentation/netlink/specs/rvs.yaml`; what
//! arrives here has passed them. Attributes are read and written by [`crate::logic::nla`].
//!
//! C header: [`include/net/genetlink.h`](srctree/include/net/genetlink.h)

use super::{
    bindings,
    netns,
    skb::free_unsent, //
};
use crate::{
    control::{
        conns,
        explain,
        genl as handlers, //
    },
    logic::{
        nla::{
            self,
            Attr,
            Attrs,
            Full,
            Writer, //
        },
        uapi::cmd, //
    },
    net::Net,
    sys::{
        atomic::{
            AtomicBool,
            Ordering, //
        },
        netns::Namespace, //
    },
};
use core::{
    fmt::Write,
    marker::PhantomData,
    ptr, //
};
use kernel::{
    error::{
        from_result,
        to_result, //
    },
    fmt,
    prelude::*, //
};

/// Bytes of the netlink and the generic netlink header.
const HEADERS: usize = 20;

/// A message from userspace, with the place where a refusal is explained.
///
/// # Invariants
///
/// Both pointers are valid for `'a`; the message has passed the family's policy.
#[derive(Clone, Copy)]
pub struct Message<'a> {
    header: *const bindings::nlmsghdr,
    extack: *mut bindings::netlink_ext_ack,
    /// Which of its changes this is about, and the attribute that is that change.
    change: Option<(u32, Attr<'a>)>,
    _life: PhantomData<&'a ()>,
}

impl<'a> Message<'a> {
    /// One of the changes that the message is made of, by its number, counted from 1.
    pub(crate) fn change(self, number: u32, attr: Attr<'a>) -> Self {
        Self {
            change: Some((number, attr)),
            ..self
        }
    }

    /// The attribute that is the change, if this is about one.
    pub(crate) fn within(&self) -> Option<Attr<'a>> {
        self.change.map(|(_, attr)| attr)
    }

    /// The attributes of the message, or of the change.
    pub fn attrs(&self) -> Attrs<'a> {
        match self.within() {
            Some(attr) => attr.attrs(),
            None => self.top(),
        }
    }

    /// The top-level attributes.
    fn top(&self) -> Attrs<'a> {
        // SAFETY: The type invariant.
        let len = unsafe { (*self.header).nlmsg_len } as usize;
        let body = len.saturating_sub(HEADERS);
        // SAFETY: The netlink core checked that `nlmsg_len` bytes are there.
        let bytes = unsafe {
            core::slice::from_raw_parts(self.header.cast::<u8>().wrapping_add(HEADERS), body)
        };
        Attrs::new(bytes)
    }

    /// Says in the extended ack why the request is refused, and at which attribute. Returns `error`.
    ///
    /// A text longer than the kernel's limit of 79 bytes is cut off.
    pub fn refuse(&self, error: Error, at: Option<&Attr<'a>>, text: fmt::Arguments<'_>) -> Error {
        // SAFETY: The type invariant; null if the socket did not ask for extended acks.
        if let Some(extack) = unsafe { self.extack.as_mut() } {
            let mut buffer = Text {
                bytes: &mut extack._msg_buf,
                used: 0,
            };
            // A text that is too long has been cut off, which is all that can be done.
            let _ = match self.change {
                Some((number, _)) => buffer.write_fmt(fmt!("change {number}: {text}")),
                None => buffer.write_fmt(text),
            };
            extack._msg = extack._msg_buf.as_ptr();
            if let Some(attr) = at.or(self.within().as_ref()) {
                extack.bad_attr = Self::header_of(attr);
            }
        }
        error
    }

    /// Like [`Self::refuse`] for an attribute that is not there: `kind` of the nest, or of the message.
    pub(crate) fn missing(
        &self,
        nest: Option<&Attr<'a>>,
        kind: u16,
        text: fmt::Arguments<'_>,
    ) -> Error {
        // SAFETY: As in `refuse`.
        if let Some(extack) = unsafe { self.extack.as_mut() } {
            extack.miss_type = kind;
            let nest = nest.copied().or(self.within());
            extack.miss_nest = nest.as_ref().map_or(ptr::null(), Self::header_of);
        }
        self.refuse(EINVAL, None, text)
    }

    /// Where the attribute begins in the message.
    fn header_of(attr: &Attr<'a>) -> *const bindings::nlattr {
        attr.bytes().as_ptr().wrapping_sub(nla::HEADER_LEN).cast()
    }
}

/// A NUL-terminated text in a fixed buffer.
struct Text<'a> {
    bytes: &'a mut [c_char],
    used: usize,
}

impl Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        for &byte in text.as_bytes() {
            if self.used.saturating_add(1) >= self.bytes.len() {
                return Err(core::fmt::Error);
            }
            if let Some(slot) = self.bytes.get_mut(self.used) {
                *slot = byte as c_char;
            }
            self.used = self.used.saturating_add(1);
            if let Some(end) = self.bytes.get_mut(self.used) {
                *end = 0;
            }
        }
        Ok(())
    }
}

/// A request that wants one answer.
pub struct Request<'a> {
    info: *mut bindings::genl_info,
    /// The message.
    pub message: Message<'a>,
}

impl Request<'_> {
    /// Sends a reply whose attributes `fill` writes; it has room for `room` bytes at least.
    pub(crate) fn reply(
        &self,
        command: u8,
        room: u32,
        fill: impl FnOnce(&mut Writer<'_>) -> Result<(), Full>,
    ) -> Result {
        self.begin_reply(command, room)?.send(fill)
    }

    /// A reply that is still empty, with room for `room` bytes at least.
    pub(crate) fn begin_reply(&self, command: u8, room: u32) -> Result<Reply<'_>> {
        let mut skb = ptr::null_mut();
        let mut space = 0;
        // SAFETY: `info` is valid for the request; the helper fills both variables in when it
        // returns a place.
        let place = unsafe {
            bindings::rvs_helper_genl_reply_new(self.info, command, room, &mut skb, &mut space)
        };
        if place.is_null() {
            return Err(ENOMEM);
        }
        // INVARIANT: As the helper has made them.
        Ok(Reply {
            info: self.info,
            skb,
            place,
            space: space as usize,
            _life: PhantomData,
        })
    }
}

/// A reply that has not been sent.
///
/// # Invariants
///
/// `info` is valid for `'a`; `skb` is ours, and `place` its tail room of `space` bytes.
pub(crate) struct Reply<'a> {
    info: *mut bindings::genl_info,
    skb: *mut bindings::sk_buff,
    place: *mut u8,
    space: usize,
    _life: PhantomData<&'a ()>,
}

impl Reply<'_> {
    /// Sends it with the attributes that `fill` writes.
    pub(crate) fn send(self, fill: impl FnOnce(&mut Writer<'_>) -> Result<(), Full>) -> Result {
        // SAFETY: The tail room of a buffer that nobody else knows, by the type invariant. It is
        // written before it is read: `Writer` only writes.
        let bytes = unsafe { core::slice::from_raw_parts_mut(self.place, self.space) };
        let mut writer = Writer::new(bytes);
        fill(&mut writer).map_err(|Full| EMSGSIZE)?;
        let used = writer.len() as u32;
        let (info, skb) = (self.info, self.skb);
        core::mem::forget(self);
        // SAFETY: `used` bytes were written at the tail; the helper consumes the reply.
        to_result(unsafe { bindings::rvs_helper_genl_reply_send(info, skb, used) })
    }
}

impl Drop for Reply<'_> {
    fn drop(&mut self) {
        // SAFETY: By the type invariant, it is ours and has not been sent.
        unsafe { free_unsent(self.skb) };
    }
}

impl Request<'_> {
    /// [`Self::reply`] for other modules, which cannot call the C helpers.
    #[inline(never)]
    pub fn answer(
        &self,
        command: u8,
        room: u32,
        fill: &mut dyn FnMut(&mut Writer<'_>) -> Result<(), Full>,
    ) -> Result {
        self.reply(command, room, fill)
    }
}

/// A dump in progress: called again and again until it says that it is complete.
pub struct Dump<'a> {
    skb: *mut bindings::sk_buff,
    callback: *mut bindings::netlink_callback,
    /// The request.
    pub message: Message<'a>,
}

impl Dump<'_> {
    /// Where the last call stopped; zeros at first.
    pub fn cursor(&mut self) -> &mut [u64; 5] {
        // SAFETY: The context is 48 bytes, aligned to 8, for the use of the dump alone.
        unsafe { &mut *(&raw mut (*self.callback).__bindgen_anon_1).cast() }
    }

    /// Names the state of the tables, so that userspace is told when it changed during the dump.
    pub(crate) fn set_generation(&mut self, generation: u32) {
        // SAFETY: Valid for the call.
        unsafe { (*self.callback).seq = generation };
    }

    /// Adds one object whose attributes `fill` writes; `Err` if the buffer is full, then nothing is added.
    pub(crate) fn object(
        &mut self,
        command: u8,
        fill: impl FnOnce(&mut Writer<'_>) -> Result<(), Full>,
    ) -> Result<(), Full> {
        let mut header = ptr::null_mut();
        let mut space = 0;
        // SAFETY: Both are valid for the call; the helper fills both variables in when it returns
        // a place.
        let place = unsafe {
            bindings::rvs_helper_genl_dump_begin(
                self.skb,
                self.callback,
                command,
                &mut header,
                &mut space,
            )
        };
        if place.is_null() {
            return Err(Full);
        }
        // SAFETY: The tail room of the dump's buffer, which only this call uses now. `Writer`
        // only writes.
        let bytes = unsafe { core::slice::from_raw_parts_mut(place, space as usize) };
        let mut writer = Writer::new(bytes);
        let filled = fill(&mut writer);
        let used = if filled.is_ok() {
            writer.len() as u32
        } else {
            0
        };
        // SAFETY: `used` bytes were written at the tail, behind `header`.
        unsafe { bindings::rvs_helper_genl_dump_end(self.skb, header, used) };
        filled
    }
}

impl Dump<'_> {
    /// [`Self::object`] for other modules, which cannot call the C helpers.
    #[inline(never)]
    pub fn add(
        &mut self,
        command: u8,
        fill: &mut dyn FnMut(&mut Writer<'_>) -> Result<(), Full>,
    ) -> Result<(), Full> {
        self.object(command, fill)
    }
}

macro_rules! doit {
    ($($name:ident, $handle:path;)*) => {
        $(
            #[doc = concat!("`", stringify!($handle), "` as the kernel calls it. Process context.")]
            ///
            /// # Safety
            ///
            /// Called by the generic netlink core only.
            #[no_mangle]
            unsafe extern "C" fn $name(
                _skb: *mut bindings::sk_buff,
                info: *mut bindings::genl_info,
            ) -> c_int {
                // SAFETY: The core passes a valid request.
                unsafe { request(info, $handle) }
            }
        )*
    };
}

/// Runs a handler on a request.
///
/// # Safety
///
/// `info` is a request from the generic netlink core.
pub(super) unsafe fn request(
    info: *mut bindings::genl_info,
    handle: impl FnOnce(&Net, &Request<'_>) -> Result,
) -> c_int {
    // SAFETY: Valid by the contract above.
    let message = unsafe {
        Message {
            header: (*info).nlhdr,
            extack: (*info).extack,
            change: None,
            _life: PhantomData,
        }
    };
    let request = Request { info, message };
    from_result(|| {
        // SAFETY: Valid by the contract above.
        let net = unsafe { bindings::rvs_helper_genl_info_net(info) };
        // SAFETY: The socket of the request holds the namespace, and the module's exit waits
        // for requests before namespaces lose their state.
        let result = unsafe {
            netns::with_net(net, |net| {
                let result = handle(net, &request);
                net.attend();
                result
            })
        };
        result.unwrap_or(Err(ENODEV))?;
        Ok(0)
    })
}

macro_rules! dumpit {
    ($($name:ident, $handle:path;)*) => {
        $(
            #[doc = concat!("`", stringify!($handle), "` as the kernel calls it. Process context.")]
            ///
            /// # Safety
            ///
            /// Called by the netlink core only.
            #[no_mangle]
            unsafe extern "C" fn $name(
                skb: *mut bindings::sk_buff,
                callback: *mut bindings::netlink_callback,
            ) -> c_int {
                // SAFETY: The core passes a valid dump.
                unsafe { dump(skb, callback, $handle) }
            }
        )*
    };
}

/// Runs a dump handler, which says whether the dump is complete.
///
/// # Safety
///
/// The arguments are those of a dump callback of the netlink core.
pub(super) unsafe fn dump(
    skb: *mut bindings::sk_buff,
    callback: *mut bindings::netlink_callback,
    handle: impl FnOnce(&Net, &mut Dump<'_>) -> Result<bool>,
) -> c_int {
    // SAFETY: Valid by the contract above.
    let message = unsafe {
        Message {
            header: (*callback).nlh,
            extack: (*callback).extack,
            change: None,
            _life: PhantomData,
        }
    };
    let mut dump = Dump {
        skb,
        callback,
        message,
    };
    from_result(|| {
        // SAFETY: Valid by the contract above.
        let net = unsafe { bindings::rvs_helper_genl_dump_net(callback) };
        // SAFETY: As for a request; a dump in progress also holds the module.
        let result = unsafe { netns::with_net(net, |net| handle(net, &mut dump)) };
        if result.unwrap_or(Err(ENODEV))? {
            return Ok(0);
        }
        // SAFETY: Valid by the contract above.
        Ok(c_int::try_from(unsafe { (*skb).len })?)
    })
}

doit! {
    rvs_nl_service_new_doit, handlers::service_new;
    rvs_nl_service_set_doit, handlers::service_set;
    rvs_nl_service_del_doit, handlers::service_del;
    rvs_nl_service_get_doit, handlers::service_get;
    rvs_nl_dest_new_doit, handlers::dest_new;
    rvs_nl_dest_set_doit, handlers::dest_set;
    rvs_nl_dest_del_doit, handlers::dest_del;
    rvs_nl_dest_get_doit, handlers::dest_get;
    rvs_nl_flush_doit, handlers::flush;
    rvs_nl_config_set_doit, handlers::config_set;
    rvs_nl_config_get_doit, handlers::config_get;
    rvs_nl_info_get_doit, handlers::info_get;
    rvs_nl_zero_doit, handlers::zero;
    rvs_nl_transact_doit, handlers::transact;
    rvs_nl_conn_del_doit, conns::del;
    rvs_nl_explain_doit, explain::explain;
}

dumpit! {
    rvs_nl_service_get_dumpit, handlers::service_dump;
    rvs_nl_dest_get_dumpit, handlers::dest_dump;
    rvs_nl_conn_get_dumpit, conns::dump;
}

/// Whether events can be sent, because the family is registered.
static OPEN: AtomicBool = AtomicBool::new(false);

/// Whether anybody in the namespace listens to the group of this number. Any context.
pub(crate) fn has_listeners(namespace: &Namespace, group: u32) -> bool {
    // SAFETY: The namespace is live.
    let heard = || unsafe { bindings::rvs_helper_genl_has_listeners(namespace.raw_net(), group) };
    OPEN.load(Ordering::Acquire) && heard()
}

/// Sends an event, whose attributes `fill` writes, to the group's listeners in the namespace. Without memory, or
/// with less than `room` bytes, it is lost. Process context.
pub(crate) fn publish(
    namespace: &Namespace,
    group: u32,
    room: u32,
    fill: impl FnOnce(&mut Writer<'_>) -> Result<(), Full>,
) {
    let mut skb = ptr::null_mut();
    let mut space = 0;
    // SAFETY: The helper fills both variables in when it returns a place.
    let place =
        unsafe { bindings::rvs_helper_genl_event_new(cmd::EVENT, room, &mut skb, &mut space) };
    if place.is_null() {
        return;
    }
    // SAFETY: The tail room of a new buffer that nobody else knows. `Writer` only writes.
    let bytes = unsafe { core::slice::from_raw_parts_mut(place, space as usize) };
    let mut writer = Writer::new(bytes);
    let filled = fill(&mut writer);
    let used = writer.len() as u32;
    if filled.is_err() {
        // SAFETY: The event is ours and has not been sent.
        unsafe { free_unsent(skb) };
        return;
    }
    // SAFETY: `used` bytes were written at the tail, the namespace is live, and the helper consumes the event.
    unsafe { bindings::rvs_helper_genl_event_send(namespace.raw_net(), skb, used, group) };
}

/// Makes the family known for as long as the value exists.
pub(crate) struct Registration(());

impl Registration {
    /// Registers the family. Process context, at module load, after everything that requests need.
    pub(crate) fn new() -> Result<Self> {
        // SAFETY: The generated family is static and registered once.
        to_result(unsafe { bindings::genl_register_family(&raw mut bindings::rvs_nl_family) })?;
        OPEN.store(true, Ordering::Release);
        Ok(Self(()))
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        // The numbers of its groups may become those of others.
        OPEN.store(false, Ordering::Release);
        // SAFETY: Registered by `new`. Waits for requests that are being handled.
        unsafe { bindings::genl_unregister_family(&raw mut bindings::rvs_nl_family) };
    }
}
