// toml++'s own code, once for the program. The assertions in it look at what an author of TOML may write (300 '[' in a row, which it
// reports as an error when they are off), so they are off in every build.
#ifndef NDEBUG
#define NDEBUG
#endif
#define TOML_IMPLEMENTATION
#include <toml++/toml.h>
