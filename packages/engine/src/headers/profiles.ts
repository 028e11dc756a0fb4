import { connectHeaders } from './connect.js';
import { kip1191Headers } from './kip1191.js';
import type { DeadLetterHeaders, HeaderProfile } from './profile.js';
import { springHeaders } from './spring.js';
import { veloHeaders } from './velo.js';

export const headerProfiles: Readonly<Record<DeadLetterHeaders, HeaderProfile>> = {
  velo: veloHeaders,
  spring: springHeaders,
  connect: connectHeaders,
  kip1191: kip1191Headers,
};
