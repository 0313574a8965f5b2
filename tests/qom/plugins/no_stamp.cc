// A shared library that is no plugin.
extern "C" int no_stamp_here() {
  return 1;
}
