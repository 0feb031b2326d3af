case $(state) in
  running) echo running; exit 0 ;;
esac
if [ -d "$d" ]; then
  # Gone at once, and not file by file.
  mv "$d" "$d.gone.$$" && rm -rf "$d.gone.$$" || exit 70
  rmdir "$HOME/.upshift/detached/$1" 2>/dev/null
fi
echo gone
