/** Errors with the shapes that the clients really make (read from kafkajs 2.2.4, node-rdkafka 3.6.1, @platformatic/kafka 2.12.1). */

export function kafkaJsError(name: string, message: string, fields: Record<string, unknown> = {}): Error {
  return Object.assign(
    new Error(message),
    { name, retriable: true, helpUrl: undefined, cause: undefined },
    fields,
  );
}

export function kafkaJsProtocolError(type: string, code: number, message: string, retriable = true): Error {
  return kafkaJsError('KafkaJSProtocolError', message, { type, code, retriable });
}

/** What kafkajs throws after its own retries: the message of the cause, `retriable` false. */
export function kafkaJsRetriesExceeded(cause: Error): Error {
  const fields = { retriable: false, retryCount: 5, retryTime: 7_500, cause };
  return kafkaJsError('KafkaJSNumberOfRetriesExceeded', cause.message, fields);
}

/** kafkajs: every code above 88. */
export function kafkaJsUnknownCode(code: number): Error {
  return kafkaJsProtocolError('KAFKAJS_UNKNOWN_ERROR_CODE', -99, `Unknown error code ${code}`, false);
}

/** node-rdkafka's class is named LibrdKafkaError, its `name` is 'Error'. */
export class LibrdKafkaError extends Error {
  readonly code: number;
  readonly errno: number;
  readonly origin: string;

  constructor(code: number, message: string, origin = 'local') {
    super(message);
    this.code = code;
    this.errno = code;
    this.origin = origin;
  }
}

export function platformaticError(
  name: string,
  code: string,
  message: string,
  fields: Record<string, unknown> = {},
): Error {
  return Object.assign(new Error(message), { name, code, canRetry: false }, fields);
}

export function platformaticProtocolError(apiId: string, apiCode: number, message: string): Error {
  return platformaticError('ProtocolError', 'PLT_KFK_PROTOCOL', message, { apiId, apiCode });
}

export function socketError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code, errno: -111, syscall: 'connect' });
}
