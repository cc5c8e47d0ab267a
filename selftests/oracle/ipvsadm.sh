# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The oracle for ipvsadm: command lines, what each says and how it ends, with ip_vs and with another
# engine. A test sources this after lib.sh, and ends with
#
#     compare_with_ip_vs ENGINE COMMAND...

# The command lines, in the order in which they are run. A line that begins with `!` is run
# by the shell. After `~ REASON` the next command line must differ, for that reason; after `~rvsadm` or
# `~ipvsadm` only with that program.
lines() {
	cat <<'END'
-L -n

-l -n
--list --numeric
-A -t 10.0.0.1:80
-A -t 10.0.0.1:80
-A -t 10.0.0.1:81 -s rr
-A -t 10.0.0.1:82 -s nosuch
-A -t 10.0.0.1:82 -s abcdefghijklmnopqrstuvwxyz
-A -t 10.0.0.1:83 -s ''
-A -u 10.0.0.1:53 -s rr -o
-A -t 10.0.0.1:84 -s rr -o
-A -u 10.0.0.1:54 -s wrr -p
-A -u 10.0.0.1:55 -s wrr -p 100
-A -u 10.0.0.1:56 -s wrr -p100 -M 255.255.255.0
-A -u 10.0.0.1:57 -s wrr -p -M 255.255.0.0
-A -u 10.0.0.1:58 -s wrr --persistent=7 --netmask=0.0.0.0
-A -t 10.0.0.1:0 -s rr
-A -t 10.0.0.1:0 -s rr -p
-A -t 10.0.0.2 -s rr
-A -t 10.0.0.2 -s rr -p 60
-A -f 1 -s rr
-A -f 2 -s sh -b sh-port
-A -f 3 -s sh -b sh-port,sh-fallback
-A -f 4 -s mh -b mh-port,mh-fallback
-A -f 5 -s rr -b flag-1
-A -f 6 -s rr -b flag-1,,flag-3
-A -f 7 -s rr -b sh-port
-A -f 7 -b mh-port -s sh
-A -f 7 -s rr -b bogus
-A -f 7 -s sh -b SH-PORT
-A -f 7 -s sh -b 'sh-port, sh-fallback'
-A -f 1 -6 -s rr
-A -f 2 -6 -s rr -p 30 -M 64
-A -f 3 -s rr -M 64 -6 -p 30
-A -f 9 -6 -6 -s rr
-A -f 0 -s rr
-A -f 4294967296 -s rr
-A -f -1 -s rr
-A -f abc -s rr
-A -f '' -s rr
-A -f 010 -s rr
-A -f ' 11' -s rr
-A -f +12 -s rr
-A -f 0x13 -s rr
-A -f 13 -o -s rr
-A --sctp-service 10.0.0.1:90 -s rr
-A -t [2001:db8::1]:80 -s rr
-A -u [2001:db8::1]:81 -s rr -p 50 -M 64
-A -t [2001:db8::1]:82 -s rr -p 50 -M 129
-A -t [2001:db8::1]:82 -s rr -p 50 -M 0
-A -t [2001:db8::1]:82 -s rr -p 50 -M abc
-A -t [2001:db8::1] -s rr -p 50
-A -t [2001:db8::1]80 -s rr -p 50
-A -t [2001:db8::1 -s rr -p 50
-A -t [2001:db8::1]:http -s rr
-A -t fd00::1 -s rr -p 50
-A -t 10.0.0.1:http -s rr
-A -t 10.0.0.1:85 -s rr -M 255.255.255.0
-A -t 10.0.0.1:88 -s rr -p 0
-A -t 10.0.0.1:88 -s rr -p -1
-A -t 10.0.0.1:88 -s rr -p abc
-A -t 10.0.0.1:88 -s rr -p 2678400
-A -t 10.0.0.1:89 -s rr -p 2678401
-A -t 10.0.0.1:89 -s rr -p 300x
-A -t 10.0.0.1:89 -s rr -p 5 -M nosuchhost.invalid
-A -t localhost:80 -s rr
-A -t nosuchhost.invalid:80 -s rr
-A -t 10.0.0.1:nosuchport -s rr
-A -u 10.0.0.1:http -s rr
-A -t 10.0.0.1:65535 -s rr
-A -t 10.0.0.1:65536 -s rr
-A -t 10.0.0.1:-1 -s rr
-A -t 10.0.0.1: -s rr
-A -t 10.0.0.1:0x50 -s rr
-A -t 10.0.0.1:80:80 -s rr
-A -t :80 -s rr
-A -t '' -s rr
-A -t= -s rr
-A -t 10.0.1:80 -s rr
-A -t 10.1:1085 -s rr
-A -t 010.0.0.1:83 -s rr
-A -t 0xa.0.0.1:1084 -s rr
-A -t 167772161:1086 -s rr
-A -t '10.0.0.1:+1081' -s rr
-A -t 10.0.0.256:87 -s rr
-A -t 10.0.0.5:1000 -s rr -6
-A -6 -f 5 -s rr
-A
-A -t
-A -s rr
-A -t 10.0.0.1:5 -u 10.0.0.1:5
-A -t 10.0.0.1:5 -r 10.0.0.2
-A -t 10.0.0.1:5 -w 1
-A -t 10.0.0.1:5 -D
-A -t 10.0.0.1:5 -Ln
-A -t 10.0.0.1:5 extra
-A -t 10.0.0.1:5 -
-A -- -t 10.0.0.1:5
-A -b bogus -q
-A -b sh-port -n
~ a mask that is no prefix is refused: rvs knows prefixes only
-A -t 10.0.0.1:4444 -s rr -p 5 -M 255.255.0.255
!"${FACE[@]}" -D -t 10.0.0.1:4444
~ rvs has no persistence engines
-A -u 10.0.0.1:4444 -s rr -p 5 --pe sip
!"${FACE[@]}" -D -u 10.0.0.1:4444
~rvsadm an IPv4 address in brackets is refused; ipvsadm takes it with port 0
-A -t [10.0.0.9]:80 -s rr -p
!"${FACE[@]}" -D -t 10.0.0.9:0
-A -u 10.0.0.1:4444 -s rr -p 5 --pe nosuch
-L
-Ln
-S
-Sn
-L -n --stats
-L -n --rate
-L -n --thresholds
-L -n --persistent-conn
-L -n --tun-info
-L -n --sort
-L -n -X --stats
-L -n -t 10.0.0.1:80
-L -t 10.0.0.1:80
-Lnt 10.0.0.1:80
-L -n -t 10.0.0.1:80 --stats
-L -n -f 1
-L -n -f 2 -6
-L -n -f 2 -6 --rate
-L -n -t 10.0.0.1:12345
-L -f 99
-E -t 10.0.0.1:81 -s wrr -p 99
-Ln -t 10.0.0.1:81
-E -t 10.0.0.1:81
-Ln -t 10.0.0.1:81
-E -f 2 -s sh
-Ln -f 2
-E -u 10.0.0.1:53
-Ln -u 10.0.0.1:53
-E -t 10.0.0.1:0
-E -t 10.0.0.1:0 -p 44 -M 255.0.0.0 -s sh -b sh-fallback
-Ln -t 10.0.0.1:0
-E -t 10.0.0.9:80
-E -t 10.0.0.1:80 -s nosuch
-E
-D -f 1 -6
-D -f 1 -6
-D -t 10.0.0.1
-D -t 10.0.0.1
-D
-D -s rr
-D -t 10.0.0.1:80 -w 1
-Sn
-C -n
-C -t 10.0.0.1:80
-C
-Ln
-A -t 10.0.0.1:80 -s rr
-A -u 10.0.0.1:53 -s wlc
-A -f 7 -s rr
-A -f 8 -6 -s rr
-A -t [2001:db8::1]:80 -s rr
-A -t 10.0.0.1:0 -s rr -p
-A --sctp-service 10.0.0.1:99 -s rr
-a -t 10.0.0.1:80 -r 192.168.0.1
-a -t 10.0.0.1:80 -r 192.168.0.1
-a -t 10.0.0.1:80 -r 192.168.0.1:80
-a -t 10.0.0.1:80 -r 192.168.0.2:8080
-a -t 10.0.0.1:80 -r 192.168.0.3:8080 -m
-at 10.0.0.1:80 -r192.168.0.4 -mw5
-a -t 10.0.0.1:80 -r 192.168.0.5 -i
-a -t 10.0.0.1:80 -r 192.168.0.6:8080 -i -w 0
-a -t 10.0.0.1:80 -r 192.168.0.7 -i --tun-type ipip
-a -t 10.0.0.1:80 -r 192.168.0.8 -i --tun-type gue --tun-port 6080
-a -t 10.0.0.1:80 -r 192.168.0.9 -i --tun-type gue --tun-port 6080 --tun-csum
-a -t 10.0.0.1:80 -r 192.168.0.10 -i --tun-type gue --tun-port 6080 --tun-remcsum
-a -t 10.0.0.1:80 -r 192.168.0.11 -i --tun-type gue --tun-port 6080 --tun-nocsum
-a -t 10.0.0.1:80 -r 192.168.0.12 -i --tun-type gre
-a -t 10.0.0.1:80 -r 192.168.0.13 -i --tun-type gre --tun-csum
-a -t 10.0.0.1:80 -r 192.168.0.14 -i --tun-type gre --tun-nocsum
-a -t 10.0.0.1:80 -r 192.168.0.15 -i --tun-type gre --tun-remcsum
-a -t 10.0.0.1:80 -r 192.168.0.15 -i --tun-type gre --tun-port 1
-a -t 10.0.0.1:80 -r 192.168.0.15 -i --tun-type gue
-a -t 10.0.0.1:80 -r 192.168.0.15 -i --tun-type gue --tun-port 0
-a -t 10.0.0.1:80 -r 192.168.0.15 -i --tun-type gue --tun-port 65536
-a -t 10.0.0.1:80 -r 192.168.0.15 -i --tun-type bogus
-a -t 10.0.0.1:80 -r 192.168.0.15 -i --tun-port 6080
-a -t 10.0.0.1:80 -r 192.168.0.15 -i --tun-csum
-a -t 10.0.0.1:80 -r 192.168.0.15 -i --tun-type gue --tun-port 1 --tun-csum --tun-remcsum
-a -t 10.0.0.1:80 -r 192.168.0.15 -i --tun-type gre --tun-csum --tun-nocsum
-a -t 10.0.0.1:80 -r 192.168.0.16 -m --tun-type gue --tun-port 1
-a -t 10.0.0.1:80 -r 192.168.0.17 --tun-csum
-a -t 10.0.0.1:80 -r 192.168.0.18 -g -m
-a -t 10.0.0.1:80 -r 192.168.0.18 -w -1
-a -t 10.0.0.1:80 -r 192.168.0.18 -w abc
-a -t 10.0.0.1:80 -r 192.168.0.18 -w 65536
-a -t 10.0.0.1:80 -r 192.168.0.19 -w 2147483647
-a -t 10.0.0.1:80 -r 192.168.0.20 -w 2147483648
-a -t 10.0.0.1:80 -r 192.168.0.20 -w 0x10
-a -t 10.0.0.1:80 -r 192.168.0.21 -w '  7'
-a -t 10.0.0.1:80 -r 192.168.0.23 -w 010
-a -t 10.0.0.1:80 -r 192.168.0.20 -w ''
-a -t 10.0.0.1:80 -r 192.168.0.20 -w
-a -t 10.0.0.1:80 -r 192.168.0.24 -x 100 -y 50
-a -t 10.0.0.1:80 -r 192.168.0.25 -x 100
-a -t 10.0.0.1:80 -r 192.168.0.26 -x 50 -y 100
-a -t 10.0.0.1:80 -r 192.168.0.26 -y 100
-a -t 10.0.0.1:80 -r 192.168.0.27 -x -1
-a -t 10.0.0.1:80 -r 192.168.0.27 -y abc
-a -t 10.0.0.1:80 -r 192.168.0.27 -x 2147483647
-a -t 10.0.0.1:80 -r 192.168.0.28 -x 2147483648
-a -t 10.0.0.1:80 -r [fd00::5]:80
-a -t 10.0.0.1:80 -r [fd00::5]:80 -m
-a -t 10.0.0.1:80 -r [fd00::5]:80 -i
-a -t 10.0.0.1:80 -r [2001:db8::6] -i
-a -t 10.0.0.1:80 -r 2001:db8::6 -i
-a -t [2001:db8::1]:80 -r 192.168.0.1 -i
-a -t [2001:db8::1]:80 -r 192.168.0.1 -m
-a -t [2001:db8::1]:80 -r [2001:db8::11]:8080 -m
-a -t [2001:db8::1]:80 -r [fd00::12]:80 -i --tun-type gre
-a -f 7 -r 192.168.0.1
-a -f 7 -r 192.168.0.2:80
-a -f 7 -r 192.168.0.3:80 -m
-a -f 7 -r [2001:db8::12]:80 -i
-a -f 7 -r [2001:db8::13]:80 -m
-a -f 8 -6 -r [2001:db8::12]:80 -m
-a -f 8 -6 -r fd00::13
-a -f 8 -r 192.168.0.1
-a -t 10.0.0.1 -r 192.168.0.1 -m
-a -t 10.0.0.1:0 -r 192.168.0.2:80 -m
-a -t 10.0.0.1:0 -r 192.168.0.3
-a -t 10.0.0.9:80 -r 192.168.0.1
-a -t 10.0.0.1:80 -r 10.0.0.1
-a -t 10.0.0.1:80 -r 127.0.0.1
-a -t 10.0.0.1:80 -r 224.0.0.1
-a -t 10.0.0.1:80 -r 0.0.0.0
-a -t 10.0.0.1:80 -r 255.255.255.255
-a -t 10.0.0.1:80 -r localhost
-a -t 10.0.0.1:80 -r nosuchhost.invalid
-a -t 10.0.0.1:80 -r 192.168.0.29:http -m
-a -r 192.168.0.30:domain -u 10.0.0.1:53 -m
-a -u 10.0.0.1:53 -r 192.168.0.30:domain -m
-a --sctp-service 10.0.0.1:99 -r 192.168.0.1 -m
-a -t 10.0.0.1:80 -r 192.168.0.31 -s rr
-a -t 10.0.0.1:80 -r 192.168.0.31 -n
-a -t 10.0.0.1:80 -r 192.168.0.31 --stats
-a -t 10.0.0.1:80 -r 192.168.0.31 extra
-a -t 10.0.0.1:80
-a -r 10.0.0.1:80
-a
-L
-Ln
-S
-Sn
-Ln --stats
-Ln --stats --exact
-Ln --rate
-Ln --rate --exact
-Ln --thresholds
-Ln --persistent-conn
-Ln --tun-info
-Ln --thresholds --tun-info
-Ln --tun-info --persistent-conn
-Ln --rate --thresholds
-L --stats
-Ln -f 7 --tun-info
-e -t 10.0.0.1:80 -r 192.168.0.1 -w 7
-e -t 10.0.0.1:80 -r 192.168.0.24 -w 7
-e -t 10.0.0.1:80 -r 192.168.0.8 -w 9
-e -t 10.0.0.1:80 -r 192.168.0.12 -i
-e -t 10.0.0.1:80 -r 192.168.0.13 -i --tun-type gue --tun-port 7
-e -t 10.0.0.1:80 -r 192.168.0.10 -i --tun-type gre
-e -t 10.0.0.1:80 -r 192.168.0.3:8080 -m -w 9 -x 7 -y 3
-e -t 10.0.0.1:80 -r 192.168.0.3:8080 -w 9
-e -t 10.0.0.1:80 -r 192.168.0.99
-e -t 10.0.0.9:80 -r 192.168.0.99
-e -t 10.0.0.1:80 -r 192.168.0.4 -m -x 3 -y 4
-e
-Ln -t 10.0.0.1:80
-Ln -t 10.0.0.1:80 --thresholds
-Ln -t 10.0.0.1:80 --tun-info
-d -t 10.0.0.1:80 -r 192.168.0.99
-d -t 10.0.0.9:80 -r 192.168.0.99
-d -t 10.0.0.1:80 -r 192.168.0.2:8080
-d -t 10.0.0.1:80 -r 192.168.0.2
-d -t 10.0.0.1:80 -r [2001:db8::6]
-d -t 10.0.0.1:80 -r [fd00::5]:80
-d -t 10.0.0.1:80 -r 192.168.0.4 -m
-d -f 7 -r 192.168.0.2:80
-d -t 10.0.0.1:80
-d
-Z
-Z -t 10.0.0.1:80
-Z -t 10.0.0.9:80
-Z -f 7
-Z -f 9
-Z -n
-Z -r 1.2.3.4
-Z --exact
-Z -C
-L -c --stats
-L -c --timeout
-L -c --daemon
-L -c -t 10.0.0.1:80
-L --timeout --daemon
-L --timeout -t 10.0.0.1:80
-L --timeout --stats
-L --timeout --persistent-conn
-L --daemon --rate
-L --timeout --tun-info
-L -6
-L -n -n
-L -n extra
-L -w 1
-L -s rr
-L -p
-L -M 255.255.255.0
-L -A
-L -h
-L --bogus
-L -q
-Lnq
-L -f
-L -
-L --syncid 1 -n
-Ln=5
-L=5
-L --numeric=5
-Lbogus
-Ln --st
-L --daemon
-bogus
--bogus
-n
-
--
bogus
bogus -L
-t 10.0.0.1:80 -A
-6 -f 5
-v
-v -n
--version
~rvsadm help has a text of its own
-h
--set
--set 1
--set 1 2
--set 1 2 3
-L --timeout
--set 0 0 0
-L --timeout
--set ' 5' +6 0
-L --timeout
--set 1 2 3 4
--set a b c
--set 1 b c
--set -1 2 3
--set '' 6 7
--set 0x5 6 7
--set 2678401 2 3
--set 2678400 2678400 2678400
-L --timeout -n
--set 1 2 3 -n
--set 1 -n 2 3
--set=5 6 7
--set 900 120 300
-S -c
-S -t 10.0.0.1:80
-Sn --exact
-R -n
-C
-R <<< '-A -t 10.0.0.1:80 -s rr'
-R < <(printf '%s\n' '-A -t 10.0.0.1:81 -s rr' '' 'ipvsadm -A -t 10.0.0.1:82 -s wrr' '  ipvsadm ipvsadm -a -t 10.0.0.1:82 -r 192.168.0.1 -m')
-Sn
-R < <(printf '%s\n' '-A -t 10.0.0.1:80 -s rr' '-A -t 10.0.0.1:84 -s rr')
-R < <(printf '%s\n' '-A -t 10.0.0.1:85 -s rr' '-A -t 10.0.0.1:85 -s rr')
-R < <(printf '%s\n' '-A -t 10.0.0.1:86 -s rr' '# comment' '-A -t 10.0.0.1:87 -s rr')
-R < <(printf '%s\n' '-A -t 10.0.0.1:88 -s rr -w 4' '-A -t 10.0.0.1:89 -s rr')
-R <<< '-A -t "10.0.0.1:90" -s rr'
-R <<< 'bogus -A -t 10.0.0.1:90 -s rr'
-R <<< '-R'
-R <<< '-L -q'
-R <<< '-L -t 10.0.0.9:9'
-R < <(printf '%s\n' '-D -t 10.0.0.9:9' '-L --timeout')
-R < <(printf '%s\n' '-Sn' '-Z' '-C')
-R < /dev/null
-Ln
-R < <(for port in {1..9}; do echo "-A -t 10.0.0.1:$port -s rr"; echo "-a -t 10.0.0.1:$port -r 192.168.0.1 -m -w $port"; done)
-Sn
-C
--start-daemon
--start-daemon bogus
--start-daemon master extra
--start-daemon master --syncid 256
--start-daemon master --syncid abc
--start-daemon master --sync-maxlen 0
--start-daemon master --mcast-port 0
--start-daemon master --mcast-ttl 256
--start-daemon master --mcast-group 1.2.3.4
--start-daemon master -t 10.0.0.1:80
~ rvs does not synchronise connections
--start-daemon master --mcast-interface lo
!"${FACE[@]}" --stop-daemon master
--stop-daemon
--stop-daemon bogus
--stop-daemon master --syncid 300
--stop-daemon master
--stop-daemon backup
-A -u 10.0.0.1:53 -s rr
-a -u 10.0.0.1:53 -r 192.168.0.1 -m
-A -f 7 -s rr -p 40 -M 255.255.255.0
-a -f 7 -r 192.168.0.1 -m
-Lnc
!send 10.0.0.1 53
-Lnc
-L -c
-Lnc --persistent-conn
!send 10.0.0.1 53
-Ln
!sleep 2.5
-Ln --stats
-Ln --stats -u 10.0.0.1:53
-Z -u 10.0.0.1:53
-Ln --stats
!"${FACE[@]}" -C; "${FACE[@]}" -A -u 10.0.0.1:54 -s rr; sleep 1
-A -f 8 -s rr -p 40 -M 255.255.255.0
-a -f 8 -r 192.168.0.1 -m
!nft 'add table ip m; add chain ip m o { type route hook output priority mangle; }; add rule ip m o udp dport 77 meta mark set 8'; send 10.0.0.1 77
-Lnc | grep ':77 '
-C
END
}

# send ADDRESS PORT: one datagram of 10 bytes, always from the same port, through rvs.
send() {
	python3 -IS -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.0.0.1", 4001))
s.sendto(b"x" * 10, (sys.argv[1], int(sys.argv[2])))' "$1" "$2"
}

# steady FILE...: takes out what differs from run to run, or is the engine's own affair:
# the size of its table, and how many seconds a connection has left.
steady() {
	sed -i -E 's/\(size=[0-9]+\)/(size=N)/; s/^((UDP|TCP|IP) +)[0-9]{2}:[0-9]{2} /\1MM:SS /' "$@"
}

# play DIRECTORY COMMAND...: runs all lines, and leaves what each of them printed, said on
# standard error and ended with.
play() {
	local line number=0
	# shellcheck disable=SC2034 # Used in what is evaluated.
	FACE=("${@:2}")
	mkdir "$1"
	while IFS= read -r line; do
		case $line in
		'~'*) continue ;;
		'!'*)
			eval "${line#!}" >/dev/null 2>&1 </dev/null || true
			continue
			;;
		esac
		number=$((number + 1))
		set +e
		eval "\"\${FACE[@]}\" $line" >"$1/$number.out" 2>"$1/$number.err" </dev/null
		echo "exit code $?" >>"$1/$number.err"
		set -e
	done < <(lines)
	steady "$1"/*.out
}

# run_engine ENGINE COMMAND...: plays all lines with an engine, in a fresh namespace.
run_engine() {
	engine "$1"
	SITES=(face)
	ip netns add face
	ip -n face -batch - <<-END
		link set lo up
		link add d0 type dummy
		link set d0 up
		address add 10.0.0.1/24 dev d0
		address add 192.168.0.254/24 dev d0
		neigh add 192.168.0.1 lladdr 02:00:00:00:00:01 dev d0
	END
	# shellcheck disable=SC2016 # The arguments of that shell.
	in_ns face env WORK="$WORK" bash -c '
		set -euo pipefail
		eval "$1"
		play "${@:2}"' play "$(declare -f lines send steady play)" "$WORK/$1" "${@:2}"
	ip netns del face
	# shellcheck disable=SC2034 # It is of lib.sh.
	SITES=()
	eventually 20 unload_engines >/dev/null
}

# said DIRECTORY NUMBER: what a line printed, said and ended with, as SAID.
said() {
	local out err
	IFS= read -r -d '' out <"$WORK/$1/$2.out" || true
	IFS= read -r -d '' err <"$WORK/$1/$2.err" || true
	SAID=$out$err
}

# compare ENGINE NUMBER REASON: it said the same about a line as ip_vs, or not if there is a reason.
compare() {
	local theirs
	said ip_vs "$2"
	theirs=$SAID
	said "$1" "$2"
	if [ -n "$3" ]; then
		[ "$theirs" != "$SAID" ] || fails true
	elif [ "$theirs" != "$SAID" ]; then
		diff -u --label ip_vs <(echo -n "$theirs") --label "$1" <(echo -n "$SAID")
	fi
}

# declare_cases ENGINE PROGRAM
declare_cases() {
	local line number=0 reason=''
	while IFS= read -r line; do
		case $line in
		"~$2 "* | '~ '*) reason=${line#* } && continue ;;
		'~'* | '!'*) continue ;;
		esac
		number=$((number + 1))
		ktap_case "ipvsadm ${line//#/}${reason:+ (differs: $reason)}" compare "$1" "$number" "$reason"
		reason=''
	done < <(lines)
}

# compare_with_ip_vs ENGINE COMMAND...: plays all lines with ip_vs and ipvsadm, then with an engine and
# a program that takes the same arguments, and ends with the results.
compare_with_ip_vs() {
	run_engine ip_vs ipvsadm
	run_engine "$@"
	declare_cases "$1" "$2"
	ktap_run
}
