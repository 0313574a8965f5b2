// Standard input and output have one user.
#pragma once

namespace backend {

// Takes them for a user that is no character device, until the program ends. Throws
// Error when they are taken; a character device "stdio" opened later is refused.
void chardev_stdio_claim();

}  // namespace backend
