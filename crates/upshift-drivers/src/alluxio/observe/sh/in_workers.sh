# "$@": the release's listing. Of its lines those of files that are in workers only, and what it complains of: the tree may
# have hundreds of millions of others. Ends as the listing ends.
export LC_ALL=C
exec 4>&1
e=$({
  { "$@" 3>&- 4>&-; echo $? >&3; } | awk '!/^[d-]/ || /NOT_PERSISTED|TO_BE_PERSISTED/' >&4 || echo 'awk failed' >&3
} 3>&1)
[ "$e" = 0 ] && exit 0
echo "the listing ended with $e" >&2
exit 72
