# Puts the secrets from the environment where Asterisk's files include them, then becomes Asterisk.
set -eu
umask 077
cd /etc/asterisk/secrets

# Asterisk would take a semicolon or a line break in a secret for the beginning of something else.
secret() {
  case "$2" in
    *[!A-Za-z0-9_-]*) echo "$3 may hold only letters, digits, - and _" >&2; exit 1 ;;
  esac
  echo "$1 = $2"
}
secret secret "${ALADDIN_AMI_SECRET:?is not set}" ALADDIN_AMI_SECRET >manager.conf
secret password "${ALADDIN_ARI_PASSWORD:?is not set}" ALADDIN_ARI_PASSWORD >ari.conf
secret password "${ALADDIN_PHONE_PASSWORD:?is not set}" ALADDIN_PHONE_PASSWORD >pjsip.conf

exec asterisk -f
