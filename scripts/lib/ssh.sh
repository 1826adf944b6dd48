# An SSH server and network namespaces for the tests of testbeds. Nothing is started; the tests do that themselves.

ensure_sshd() {
  if [ -x /usr/sbin/sshd ] && command -v ip >/dev/null 2>&1; then
    return
  fi
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "installing Debian's OpenSSH server for the tests of SSH testbeds"
    apt-get update -qq
    RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openssh-server iproute2 >/dev/null || true
  fi
  if [ ! -x /usr/sbin/sshd ] || ! command -v ip >/dev/null 2>&1; then
    say "there is no OpenSSH server or no iproute2: the tests of SSH testbeds will say that they are skipped"
  fi
}
