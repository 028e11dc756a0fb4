import type { ErrorCategory } from '../error-category.js';
import { categorizeErrorMessage } from './categorize-error-message.js';
import { isObject, readClassName, readProperty, readText } from './safe-read.js';

/** Node's codes for a network that does not do its part. */
const NETWORK_CODE =
  /^(E(CONN(REFUSED|RESET|ABORTED)|NOTFOUND|(SOCKET)?TIMEDOUT|PIPE|AI_AGAIN|AI_FAIL|(HOST|NET)(UNREACH|DOWN)|ADDRNOTAVAIL)|ERR_SOCKET_\w+|UND_ERR_(SOCKET|\w*TIMEOUT)|PLT_KFK_(NETWORK|TIMEOUT))$/;

/** OpenSSL's and Node's codes for a certificate or a handshake that is refused, and platformatic's for credentials. */
const AUTHENTICATION_CODE = /CERT|^(ERR_(SSL|TLS)_|UNABLE_TO_VERIFY_|EPROTO$|PLT_KFK_AUTHENTICATION$)/;

const CONFIGURATION_CODE = /^PLT_KFK_UNSUPPORTED/;

/** The category of a text code: of a socket, of TLS, of @platformatic/kafka. */
export function categoryOfTextCode(code: string): ErrorCategory | undefined {
  if (code.length > 64) return undefined;
  if (NETWORK_CODE.test(code)) return 'NetworkIssue';
  if (AUTHENTICATION_CODE.test(code)) return 'AuthenticationIssue';
  return CONFIGURATION_CODE.test(code) ? 'ConfigurationIssue' : undefined;
}

const TOPIC_CLASS = /^KafkaJSTopicMetadataNotLoaded$/;
const NETWORK_CLASS =
  /^(KafkaJS(Connection(Closed)?Error|RequestTimeoutError|MetadataNotLoaded|BrokerNotFound|NoBrokerAvailableError|GroupCoordinatorNotFound|(Lock)?Timeout)|TimeoutError)$/;
const AUTHENTICATION_CLASS = /^KafkaJSSASLAuthenticationError$/;
const CONFIGURATION_CLASS =
  /^KafkaJS(ServerDoesNotSupportApiKey|NotImplemented|UnsupportedMagicByteInMessageSet)$/;

/** The category that an error's class alone gives, by `name`, which minifiers keep. */
export function categoryOfClass(error: unknown, message: string): ErrorCategory | undefined {
  const name = readText(error, 'name');
  if (name.length === 0 || name.length > 64) return undefined;
  if (TOPIC_CLASS.test(name)) return 'TopicMissing';
  if (NETWORK_CLASS.test(name)) return 'NetworkIssue';
  if (AUTHENTICATION_CLASS.test(name)) return 'AuthenticationIssue';
  if (CONFIGURATION_CLASS.test(name)) return 'ConfigurationIssue';
  return isRefusedCall(error, name) ? callCategory(message) : undefined;
}

/**
 * kafkajs refuses a call that cannot work ("Invalid topic", "Consumer groupId must be a non-empty string") by an error of
 * this class without a cause; with a cause it wraps what failed.
 */
function isRefusedCall(error: unknown, name: string): boolean {
  return name === 'KafkaJSNonRetriableError' && !isObject(readProperty(error, 'cause'));
}

function callCategory(message: string): ErrorCategory {
  const category = categorizeErrorMessage(message);
  return category === 'Unknown' ? 'ConfigurationIssue' : category;
}

/** Whether this error, without its causes, was made by a Kafka client: by its names, or by LibrdKafkaError's shape. */
export function isOfKafkaClient(error: unknown): boolean {
  if (!isObject(error)) return false;
  const name = readText(error, 'name');
  // The latter is what velo's bindings make of a broker's code that their client tells without an error.
  if (name.startsWith('KafkaJS') || readClassName(error).startsWith('KafkaJS') || name === 'KafkaCodeError')
    return true;
  const code = readProperty(error, 'code');
  if (typeof code === 'string') return code.startsWith('PLT_KFK_');
  // LibrdKafkaError has the name 'Error'; its `errno` repeats the code and its `origin` is a text.
  if (typeof code !== 'number') return false;
  return (
    readClassName(error) === 'LibrdKafkaError' ||
    (readProperty(error, 'errno') === code && readText(error, 'origin') !== '')
  );
}
