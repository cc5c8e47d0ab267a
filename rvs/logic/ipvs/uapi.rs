// SPDX-License-Identifier: GPL-2.0

//! The numbers of IPVS's interfaces (`include/uapi/linux/ip_vs.h`).

/// The name of the netlink family.
pub const FAMILY: &core::ffi::CStr = c"IPVS";
/// Its version.
pub const FAMILY_VERSION: u32 = 1;
/// The version of IPVS that it speaks for: 1.2.1.
pub const VERSION: u32 = 0x01_02_01;

/// Requests.
pub mod cmd {
    #![allow(missing_docs)]
    pub const NEW_SERVICE: u8 = 1;
    pub const SET_SERVICE: u8 = 2;
    pub const DEL_SERVICE: u8 = 3;
    pub const GET_SERVICE: u8 = 4;
    pub const NEW_DEST: u8 = 5;
    pub const SET_DEST: u8 = 6;
    pub const DEL_DEST: u8 = 7;
    pub const GET_DEST: u8 = 8;
    pub const NEW_DAEMON: u8 = 9;
    pub const DEL_DAEMON: u8 = 10;
    pub const GET_DAEMON: u8 = 11;
    pub const SET_CONFIG: u8 = 12;
    pub const GET_CONFIG: u8 = 13;
    pub const SET_INFO: u8 = 14;
    pub const GET_INFO: u8 = 15;
    pub const ZERO: u8 = 16;
    pub const FLUSH: u8 = 17;
}

/// Attributes of a message.
pub mod top {
    #![allow(missing_docs)]
    pub const SERVICE: u16 = 1;
    pub const DEST: u16 = 2;
    pub const DAEMON: u16 = 3;
    pub const TIMEOUT_TCP: u16 = 4;
    pub const TIMEOUT_TCP_FIN: u16 = 5;
    pub const TIMEOUT_UDP: u16 = 6;
    /// All timeouts.
    pub const TIMEOUTS: [u16; 3] = [TIMEOUT_TCP, TIMEOUT_TCP_FIN, TIMEOUT_UDP];
}

/// Attributes of a service.
pub mod service {
    #![allow(missing_docs)]
    pub const AF: u16 = 1;
    pub const PROTOCOL: u16 = 2;
    pub const ADDR: u16 = 3;
    pub const PORT: u16 = 4;
    pub const FWMARK: u16 = 5;
    pub const SCHED_NAME: u16 = 6;
    pub const FLAGS: u16 = 7;
    pub const TIMEOUT: u16 = 8;
    pub const NETMASK: u16 = 9;
    pub const STATS: u16 = 10;
    pub const PE_NAME: u16 = 11;
    pub const STATS64: u16 = 12;
}

/// Attributes of a destination.
pub mod dest {
    #![allow(missing_docs)]
    pub const ADDR: u16 = 1;
    pub const PORT: u16 = 2;
    pub const FWD_METHOD: u16 = 3;
    pub const WEIGHT: u16 = 4;
    pub const U_THRESH: u16 = 5;
    pub const L_THRESH: u16 = 6;
    pub const ACTIVE_CONNS: u16 = 7;
    pub const INACT_CONNS: u16 = 8;
    pub const PERSIST_CONNS: u16 = 9;
    pub const STATS: u16 = 10;
    pub const ADDR_FAMILY: u16 = 11;
    pub const STATS64: u16 = 12;
    pub const TUN_TYPE: u16 = 13;
    pub const TUN_PORT: u16 = 14;
    pub const TUN_FLAGS: u16 = 15;
}

/// Attributes of a synchronisation daemon.
pub mod daemon {
    #![allow(missing_docs)]
    pub const STATE: u16 = 1;
    pub const MCAST_IFN: u16 = 2;
    pub const SYNC_ID: u16 = 3;
    pub const SYNC_MAXLEN: u16 = 4;
    pub const MCAST_GROUP: u16 = 5;
    pub const MCAST_GROUP6: u16 = 6;
    pub const MCAST_PORT: u16 = 7;
    pub const MCAST_TTL: u16 = 8;
    /// The two kinds of daemons.
    pub const MASTER: u32 = 1;
    pub const BACKUP: u32 = 2;
}

/// Attributes of counters; 1 to 5 are totals, and the rates follow in the same order.
pub mod stats {
    #![allow(missing_docs)]
    pub const CONNS: u16 = 1;
    pub const INPKTS: u16 = 2;
    pub const OUTPKTS: u16 = 3;
    pub const INBYTES: u16 = 4;
    pub const OUTBYTES: u16 = 5;
    pub const CPS: u16 = 6;
    pub const INPPS: u16 = 7;
    pub const OUTPPS: u16 = 8;
    pub const INBPS: u16 = 9;
    pub const OUTBPS: u16 = 10;
    /// The totals.
    pub const TOTALS: [u16; 5] = [CONNS, INPKTS, OUTPKTS, INBYTES, OUTBYTES];
    /// The rates.
    pub const RATES: [u16; 5] = [CPS, INPPS, OUTPPS, INBPS, OUTBPS];
}

/// Attributes of the answer to GET_INFO.
pub mod info {
    #![allow(missing_docs)]
    pub const VERSION: u16 = 1;
    pub const CONN_TAB_SIZE: u16 = 2;
}

/// Flags of a service.
pub mod flag {
    #![allow(missing_docs)]
    pub const PERSISTENT: u32 = 0x1;
    /// Always there when IPVS shows a service.
    pub const HASHED: u32 = 0x2;
    pub const ONE_PACKET: u32 = 0x4;
    /// The first of the three flags of schedulers.
    pub const SCHED_SHIFT: u32 = 3;
    pub const SCHED: u32 = 0x38;
}

/// Flags of the connections of a destination, as the socket options show them.
pub mod conn_flag {
    #![allow(missing_docs)]
    pub const METHOD: u32 = 0x7;
    pub const NO_OUTPUT: u32 = 0x80;
    pub const INACTIVE: u32 = 0x100;
}

/// Socket options, counted from the first one.
pub mod sockopt {
    #![allow(missing_docs)]
    pub const BASE: i32 = 64 + 1024 + 64;
    pub const SET_ADD: u32 = 2;
    pub const SET_EDIT: u32 = 3;
    pub const SET_DEL: u32 = 4;
    pub const SET_FLUSH: u32 = 5;
    pub const SET_ADDDEST: u32 = 7;
    pub const SET_DELDEST: u32 = 8;
    pub const SET_EDITDEST: u32 = 9;
    pub const SET_TIMEOUT: u32 = 10;
    pub const SET_STARTDAEMON: u32 = 11;
    pub const SET_STOPDAEMON: u32 = 12;
    pub const SET_ZERO: u32 = 15;
    pub const GET_VERSION: u32 = 0;
    pub const GET_INFO: u32 = 1;
    pub const GET_SERVICES: u32 = 2;
    pub const GET_SERVICE: u32 = 3;
    pub const GET_DESTS: u32 = 4;
    pub const GET_TIMEOUT: u32 = 6;
    pub const GET_DAEMON: u32 = 7;
}
