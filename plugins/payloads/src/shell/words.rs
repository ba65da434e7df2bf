//! The names of programs and of what shells have built in.

/// Whether a word is a command's name, in any case, with `.exe` or without.
pub(crate) fn is_command(word: &str) -> bool {
    in_table(COMMANDS, word)
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

const COMMANDS: &[&str] = &[
    "7z", "aa-disable", "ab", "adduser", "agetty", "alias", "ansible", "ansible-console", "ansible-doc",
    "ansible-playbook", "ansible-vault", "apache2ctl", "apt", "apt-get", "ar", "arch", "aria2c", "ash", "assoc", "at",
    "attrib", "awk", "base32", "base64", "basename", "bash", "batch", "bc", "bcdboot", "bcdedit", "bitsadmin",
    "bsdtar", "bunzip2", "busybox", "bzip2", "c89", "c99", "cacls", "cal", "cancel", "cat", "cc", "cd", "certutil",
    "chattr", "chcp", "chdir", "chef-client", "chef-solo", "chfn", "chgrp", "chkdsk", "chmod", "chown", "chroot",
    "chsh", "cipher", "cksum", "clang", "cls", "cmd", "cmdkey", "cmp", "col", "column", "comm", "compgen", "copy",
    "cp", "cpan", "cpio", "cpulimit", "crond", "crontab", "cscli", "cscript", "csh", "csplit", "csvde", "csvtool",
    "cupsfilter", "curl", "cut", "dash", "date", "dc", "dd", "debugfs", "declare", "del", "df", "dhclient", "diff",
    "dig", "dir", "diskpart", "dmesg", "dmidecode", "dmsetup", "dnf", "dnscmd", "doas", "docker", "domainname",
    "dos2unix", "dpkg", "driverquery", "dsquery", "du", "eb", "echo", "ed", "egrep", "emacs", "env", "eqn", "erase",
    "esac", "eval", "ex", "exec", "exim", "expand", "expect", "export", "expr", "facter", "fc", "fetch", "fg",
    "fgrep", "file", "find", "findstr", "finger", "fish", "flock", "fmt", "fold", "for", "forfiles", "free", "fsutil",
    "ftp", "ftype", "function", "fuser", "gawk", "gcc", "gdb", "gem", "genisoimage", "get-childitem", "get-process",
    "getent", "getfacl", "getmac", "gimp", "git", "go", "gpresult", "gpupdate", "grep", "groupadd", "groupmod",
    "groups", "gtester", "gunzip", "gzexe", "gzip", "head", "helpviewer", "hexdump", "hexedit", "hg", "hh", "history",
    "host", "hostid", "hostname", "hping3", "htdigest", "htop", "htpasswd", "icacls", "iconv", "id", "iex",
    "ifconfig", "iftop", "init", "install", "invoke-expression", "invoke-webrequest", "ionice", "ip", "ipconfig",
    "iptables", "ir", "iwmi", "iwr", "java", "jexec", "jjs", "join", "journalctl", "jq", "jrunscript", "kill",
    "killall", "ksh", "ksshell", "last", "lastlog", "lastlogin", "latex", "ld", "ldconfig", "ldd", "less", "lesspipe",
    "lftp", "ll", "ln", "loadkeys", "local", "locate", "logname", "logsave", "look", "lp", "ls", "lsattr",
    "lsb_release", "lscpu", "lsof", "lspci", "lsusb", "lua", "lwp-request", "lynx", "lz4", "lzma", "mail", "mailq",
    "make", "man", "mawk", "md5sum", "mkdir", "mkfifo", "mklink", "mknod", "mktemp", "more", "mosquitto", "mount",
    "mpicc", "msbuild", "msgattrib", "mshta", "msiexec", "mtr", "mutt", "mv", "mysql", "mysqldump", "nano", "nasm",
    "nawk", "nbtstat", "nc", "nc.openbsd", "nc.traditional", "ncat", "ncdu", "net", "net1", "netcat", "netkit-ftp",
    "netplan", "netsh", "netstat", "nice", "nl", "nltest", "nm", "nmap", "node", "nohup", "nping", "npm", "nproc",
    "nroff", "nsenter", "nslookup", "nstat", "ntdsutil", "od", "odbcconf", "openssl", "openvpn", "passwd", "paste",
    "patch", "pathping", "pax", "pdb", "pdflatex", "pdftex", "perf", "perl", "pftp", "pgrep", "php", "pic", "pico",
    "pidstat", "pigz", "ping", "ping6", "pip", "pkexec", "pkg", "pkgutil", "pkill", "popd", "poweroff", "powershell",
    "pr", "printenv", "printf", "ps", "psed", "psexec", "psftp", "psql", "ptx", "pushd", "pwd", "pwsh", "pypy",
    "python", "python2", "python3", "python3.10", "qprocess", "qwinsta", "rake", "rbash", "rc", "rcp", "rd",
    "readelf", "readlink", "reboot", "red", "redcarpet", "reg", "regedit", "regsvr32", "ren", "rename", "replace",
    "restic", "rev", "rlogin", "rm", "rmdir", "rmuser", "robocopy", "rootkit", "route", "rpm", "rpmquery", "rsh",
    "rsync", "ruby", "run-parts", "runas", "rundll32", "rview", "rvim", "sc", "schtasks", "scp", "screen", "script",
    "sdiff", "sed", "sendmail", "service", "set", "setarch", "setenv", "setfacl", "setsid", "setx", "sftp", "sg",
    "sh", "sha1sum", "sha256sum", "shred", "shuf", "shutdown", "sleep", "socat", "sort", "source", "split", "sqlite3",
    "ss", "ssh", "ssh-keygen", "start", "stat", "stdbuf", "strace", "strings", "su", "subst", "sudo", "svn", "sysctl",
    "systemctl", "systeminfo", "tac", "tail", "takeown", "tar", "task", "taskkill", "tasklist", "taskset", "tasksh",
    "tclsh", "tcpdump", "tcping", "tcsh", "tee", "telnet", "test", "tftp", "tic", "time", "timedatectl", "timeout",
    "top", "touch", "tput", "traceroute", "tracert", "tree", "truncate", "tshark", "tty", "type", "typeperf", "uconv",
    "ufw", "ul", "ulimit", "umask", "umount", "unalias", "uname", "uncompress", "unexpand", "uniq", "unlink",
    "unlzma", "unrar", "unset", "unshare", "unxz", "unzip", "uptime", "useradd", "userdel", "usermod", "users",
    "uudecode", "uuencode", "vaultcmd", "ver", "vi", "view", "vim", "vimdiff", "visudo", "vmstat", "vol", "vssadmin",
    "w", "wall", "watch", "wc", "wevtutil", "wget", "whatis", "where", "whereis", "which", "who", "whoami", "whois",
    "wish", "wmic", "wscript", "xargs", "xcopy", "xdg-open", "xelatex", "xmodmap", "xmore", "xterm", "xxd", "xz",
    "xzcat", "yarn", "yelp", "yes", "yum", "zcat", "zgrep", "zip", "zless", "zsh", "zsoelim", "zypper",
];

const ENGLISH: &[&str] = &[
    "ab", "alias", "arch", "at", "batch", "cal", "cancel", "cat", "cd", "col", "column", "comm", "copy", "cut",
    "date", "dir", "docker", "echo", "emacs", "env", "erase", "ex", "exec", "expand", "expect", "export", "fetch",
    "fg", "file", "find", "finger", "fish", "flock", "fmt", "fold", "for", "free", "function", "gem", "gimp", "git",
    "go", "groups", "head", "history", "host", "id", "init", "install", "ip", "java", "join", "kill", "last", "less",
    "local", "locate", "look", "ls", "lua", "mail", "make", "man", "more", "mount", "mv", "net", "nice", "nl", "node",
    "nohup", "paste", "patch", "perf", "perl", "php", "pic", "ping", "pr", "python", "rake", "rc", "red", "rename",
    "replace", "rev", "route", "ruby", "sc", "screen", "script", "service", "set", "sg", "shred", "shutdown", "sleep",
    "sort", "source", "split", "ss", "start", "stat", "strings", "su", "sudo", "tac", "tail", "tar", "task", "tee",
    "test", "tic", "time", "timeout", "top", "touch", "tree", "truncate", "type", "ul", "users", "ver", "view", "vol",
    "w", "wall", "watch", "whatis", "where", "which", "who", "whois", "wish", "yarn", "yes", "zip",
];


#[cfg(test)]
mod tests;
