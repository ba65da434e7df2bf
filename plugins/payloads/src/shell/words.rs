//! The names of programs and of what shells have built in.

/// Whether a word is a command's name, in any case, with `.exe` or without.
pub(crate) fn is_command(word: &str) -> bool {
    in_table(COMMANDS, word) || in_table(LONG, word)
}

/// Whether a command's name is a word that prose has, too.
pub(crate) fn is_english(word: &str) -> bool {
    in_table(ENGLISH, word)
}

fn in_table(table: &[&str], word: &str) -> bool {
    let mut lower = [0_u8; 24];
    let word = word.as_bytes();
    let word = match word.len().checked_sub(4).map(|at| word.split_at(at)) {
        Some((stem, end)) if end.eq_ignore_ascii_case(b".exe") => stem,
        _ => word,
    };
    let Some(lower) = lower.get_mut(..word.len()) else { return false };
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    table.binary_search_by(|name| name.as_bytes().cmp(lower)).is_ok()
}

/// Those of up to eight letters.
const COMMANDS: &[&str] = &[
    "7z", "ab", "adduser", "agetty", "alias", "ansible", "apt", "apt-get", "ar", "arch", "aria2c", "arp", "arping",
    "ash", "assoc", "at", "attrib", "awk", "base32", "base64", "basename", "bash", "bat", "batch", "bc", "bcdboot",
    "bcdedit", "blkid", "brctl", "bsdtar", "bun", "bunzip2", "busybox", "byobu", "bzcat", "bzgrep", "bzip2", "bzless",
    "c89", "c99", "cacls", "cal", "calc", "cancel", "capsh", "cargo", "cat", "cc", "cd", "certipy", "certutil",
    "chattr", "chcp", "chdir", "chef-run", "chfn", "chgrp", "chkdsk", "chmod", "chown", "chpasswd", "chroot", "chsh",
    "cipher", "cksum", "clang", "clang++", "cls", "cmake", "cmd", "cmdkey", "cmp", "col", "column", "comm", "compgen",
    "conda", "copy", "cp", "cpan", "cpio", "cpulimit", "crond", "crontab", "cscli", "cscript", "csh", "csplit",
    "csvde", "csvtool", "curl", "cut", "dash", "date", "dc", "dd", "debugfs", "declare", "del", "deno", "df",
    "dhclient", "diff", "dig", "dir", "dirname", "diskpart", "dmesg", "dmsetup", "dnf", "dnscmd", "doas", "docker",
    "dos2unix", "dpkg", "dsquery", "du", "eb", "echo", "ed", "egrep", "elvish", "emacs", "env", "eqn", "erase", "esac",
    "ethtool", "eval", "ex", "exec", "exim", "expand", "expect", "export", "expr", "facter", "fc", "fd", "fetch", "fg",
    "fgrep", "file", "find", "findmnt", "findstr", "finger", "fish", "flock", "fmt", "fold", "for", "forfiles",
    "fping", "free", "fsutil", "ftp", "ftype", "function", "fuser", "fzf", "g++", "gawk", "gcc", "gcc-12", "gdb",
    "gem", "getcap", "getent", "getfacl", "getmac", "gimp", "git", "go", "gpresult", "gpupdate", "grep", "groupadd",
    "groupdel", "groupmod", "groups", "gtester", "gunzip", "gzexe", "gzip", "head", "helm", "hexdump", "hexedit",
    "hexyl", "hg", "hh", "history", "host", "hostid", "hostname", "hping3", "htdigest", "htop", "htpasswd", "hwclock",
    "hydra", "icacls", "iconv", "id", "iex", "ifconfig", "ifdown", "iftop", "ifup", "ike-scan", "init", "insmod",
    "install", "ionice", "iostat", "ip", "ipconfig", "ipcs", "iptables", "ir", "iwconfig", "iwmi", "iwr", "java",
    "jexec", "jjs", "jo", "joe", "join", "jq", "kill", "killall", "ksh", "ksh93", "ksshell", "kubectl", "last",
    "lastlog", "latex", "ld", "ldconfig", "ldd", "less", "lesspipe", "lftp", "ll", "ln", "loadkeys", "local", "locate",
    "logger", "logname", "logsave", "look", "lp", "ls", "lsattr", "lsblk", "lscpu", "lsmod", "lsof", "lspci", "lsusb",
    "lua", "lua5.3", "lynx", "lz4", "lz4cat", "lzcat", "lzma", "mail", "mailq", "make", "man", "mawk", "mcedit",
    "md5sum", "mkdir", "mkfifo", "mklink", "mknod", "mkpasswd", "mksh", "mktemp", "mlr", "modprobe", "mofcomp", "more",
    "mount", "move", "mpicc", "msbuild", "msfvenom", "mshta", "msiexec", "mtr", "mutt", "mv", "mysql", "nano", "nasm",
    "nawk", "nbtstat", "nc", "ncat", "ncdu", "ne", "net", "net1", "netcat", "netplan", "netsh", "netstat", "nft",
    "nice", "nikto", "nl", "nltest", "nm", "nmap", "node", "nodejs", "nohup", "notepad", "nping", "npm", "nproc",
    "npx", "nroff", "nsenter", "nslookup", "nstat", "ntdsutil", "nvim", "od", "odbcconf", "openssl", "openvpn",
    "passwd", "paste", "patch", "pathping", "pax", "pdb", "pdflatex", "pdftex", "perf", "perl", "perl5", "pftp",
    "pgrep", "php", "php5", "php7", "php8", "pic", "pico", "pidstat", "pigz", "ping", "ping6", "pip", "pip2", "pip3",
    "pkexec", "pkg", "pkgutil", "pkill", "popd", "poweroff", "pr", "printenv", "printf", "ps", "psed", "psexec",
    "psftp", "psql", "pstree", "ptx", "pushd", "pwd", "pwsh", "pypy", "python", "python2", "python3", "qprocess",
    "quser", "qwinsta", "rails", "rake", "rbash", "rc", "rcp", "rd", "readelf", "readlink", "realpath", "reboot",
    "red", "reg", "regedit", "regsvr32", "ren", "rename", "replace", "restic", "rev", "rexec", "rg", "rlogin", "rm",
    "rmdir", "rmuser", "robocopy", "rootkit", "route", "rpm", "rpmquery", "rsh", "rsync", "ruby", "runas", "rundll32",
    "runuser", "rustc", "rview", "rvim", "sc", "schtasks", "scp", "screen", "script", "sdiff", "sed", "sendmail",
    "service", "sestatus", "set", "setarch", "setenv", "setfacl", "setsid", "setx", "sftp", "sg", "sh", "sha1sum",
    "shred", "shuf", "shutdown", "sleep", "snmpwalk", "socat", "sort", "source", "split", "sqlite3", "sqlmap", "ss",
    "ssh", "start", "stat", "stdbuf", "strace", "strings", "su", "subst", "sudo", "svn", "sysctl", "tac", "tail",
    "takeown", "tar", "task", "taskkill", "tasklist", "taskset", "tasksh", "tc", "tcc", "tclsh", "tcpdump", "tcping",
    "tcsh", "tee", "telnet", "test", "tftp", "tic", "time", "timeout", "tmux", "top", "touch", "tput", "tracert",
    "tree", "truncate", "tshark", "tty", "type", "typeperf", "uconv", "ufw", "ul", "ulimit", "umask", "umount",
    "unalias", "uname", "unexpand", "uniq", "unlink", "unlzma", "unrar", "unset", "unshare", "unxz", "unzip", "uptime",
    "useradd", "userdel", "usermod", "users", "uudecode", "uuencode", "uuidgen", "vagrant", "vaultcmd", "ver", "vi",
    "view", "vim", "vimdiff", "visudo", "vmstat", "vol", "vssadmin", "w", "waitfor", "wall", "watch", "wc", "wevtutil",
    "wget", "whatis", "where", "whereis", "which", "who", "whoami", "whois", "wish", "wmic", "wscript", "xargs",
    "xcopy", "xdg-open", "xelatex", "xmodmap", "xmore", "xterm", "xxd", "xz", "xzcat", "yarn", "yelp", "yes", "yum",
    "zcat", "zgrep", "zip", "zless", "zsh", "zsoelim", "zstd", "zstdcat", "zypper",
];

/// Those of more.
const LONG: &[&str] = &[
    "aa-complain",
    "aa-disable",
    "aa-enforce",
    "ansible-config",
    "ansible-console",
    "ansible-doc",
    "ansible-galaxy",
    "ansible-inventory",
    "ansible-playbook",
    "ansible-pull",
    "ansible-test",
    "ansible-vault",
    "apache2ctl",
    "apparmor_status",
    "bitsadmin",
    "chef-client",
    "chef-solo",
    "crackmapexec",
    "crowdsec-cli",
    "cupsfilter",
    "dmidecode",
    "domainname",
    "driverquery",
    "enum4linux",
    "evil-winrm",
    "fail2ban-client",
    "firewall-cmd",
    "genisoimage",
    "get-childitem",
    "get-process",
    "helpviewer",
    "invoke-expression",
    "invoke-webrequest",
    "ip6tables",
    "iptables-save",
    "journalctl",
    "jrunscript",
    "lastlogin",
    "ldapsearch",
    "lsb_release",
    "lwp-request",
    "mosquitto",
    "msfconsole",
    "msgattrib",
    "mysqldump",
    "nc.openbsd",
    "nc.traditional",
    "netkit-ftp",
    "onesixtyone",
    "powershell",
    "python3.10",
    "redcarpet",
    "rpcclient",
    "run-parts",
    "sha256sum",
    "smbclient",
    "ssh-keygen",
    "systemctl",
    "systeminfo",
    "terraform",
    "timedatectl",
    "traceroute",
    "uncompress",
];

const ENGLISH: &[&str] = &[
    "ab", "alias", "arch", "at", "batch", "cal", "cancel", "cat", "cd", "col", "column", "comm", "copy", "cut", "date",
    "dir", "docker", "echo", "emacs", "env", "erase", "ex", "exec", "expand", "expect", "export", "fetch", "fg",
    "file", "find", "finger", "fish", "flock", "fmt", "fold", "for", "free", "function", "gem", "gimp", "git", "go",
    "groups", "head", "history", "host", "id", "init", "install", "ip", "java", "join", "kill", "last", "less",
    "local", "locate", "logger", "look", "ls", "lua", "mail", "make", "man", "more", "mount", "move", "mv", "net",
    "nice", "nl", "node", "nohup", "paste", "patch", "perf", "perl", "php", "pic", "ping", "pr", "python", "rake",
    "rc", "red", "rename", "replace", "rev", "route", "ruby", "sc", "screen", "script", "service", "set", "sg",
    "shred", "shutdown", "sleep", "sort", "source", "split", "ss", "start", "stat", "strings", "su", "sudo", "tac",
    "tail", "tar", "task", "tee", "test", "tic", "time", "timeout", "top", "touch", "tree", "truncate", "type", "ul",
    "users", "ver", "view", "vol", "w", "wall", "watch", "whatis", "where", "which", "who", "whois", "wish", "yarn",
    "yes", "zip",
];

#[cfg(test)]
mod tests;
