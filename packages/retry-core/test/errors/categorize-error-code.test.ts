import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { categorizeErrorCode, errorCategories, isRetriableCategory } from '../../src/index.js';

describe('categorizeErrorCode', () => {
  it.each([
    { code: 3, category: 'TopicMissing', name: 'UNKNOWN_TOPIC_OR_PARTITION' },
    { code: -188, category: 'TopicMissing', name: '_UNKNOWN_TOPIC' },
    { code: 100, category: 'TopicMissing', name: 'UNKNOWN_TOPIC_ID' },
    { code: 8, category: 'NetworkIssue', name: 'BROKER_NOT_AVAILABLE' },
    { code: 13, category: 'NetworkIssue', name: 'NETWORK_EXCEPTION' },
    { code: -187, category: 'NetworkIssue', name: '_ALL_BROKERS_DOWN' },
    { code: -195, category: 'NetworkIssue', name: '_TRANSPORT' },
    { code: 7, category: 'NetworkIssue', name: 'REQUEST_TIMED_OUT' },
    { code: 58, category: 'AuthenticationIssue', name: 'SASL_AUTHENTICATION_FAILED' },
    { code: 29, category: 'AuthenticationIssue', name: 'TOPIC_AUTHORIZATION_FAILED' },
    { code: 30, category: 'AuthenticationIssue', name: 'GROUP_AUTHORIZATION_FAILED' },
    { code: 31, category: 'AuthenticationIssue', name: 'CLUSTER_AUTHORIZATION_FAILED' },
    { code: -169, category: 'AuthenticationIssue', name: '_AUTHENTICATION' },
    { code: 40, category: 'ConfigurationIssue', name: 'INVALID_CONFIG' },
    { code: 42, category: 'ConfigurationIssue', name: 'INVALID_REQUEST' },
    { code: 35, category: 'ConfigurationIssue', name: 'UNSUPPORTED_VERSION' },
    { code: 0, category: 'Unknown', name: 'NONE' },
    { code: -1, category: 'Unknown', name: 'UNKNOWN_SERVER_ERROR' },
    { code: -200, category: 'Unknown', name: '_BEGIN' },
    { code: -99, category: 'Unknown', name: 'no code' },
    { code: 134, category: 'Unknown', name: 'no code yet' },
    { code: 1.5, category: 'Unknown', name: 'no code' },
    { code: Number.NaN, category: 'Unknown', name: 'no code' },
    { code: Number.POSITIVE_INFINITY, category: 'Unknown', name: 'no code' },
    { code: Number.MIN_SAFE_INTEGER, category: 'Unknown', name: 'no code' },
  ])('$code ($name) is $category', ({ code, category }) => {
    expect(categorizeErrorCode(code)).toBe(category);
  });

  it('has an answer for every number', () => {
    fc.assert(fc.property(fc.double(), (code) => errorCategories.includes(categorizeErrorCode(code))));
    fc.assert(fc.property(fc.integer(), (code) => errorCategories.includes(categorizeErrorCode(code))));
  });
});

it.each([
  { category: 'TopicMissing', retriable: true },
  { category: 'NetworkIssue', retriable: true },
  { category: 'Unknown', retriable: true },
  { category: 'AuthenticationIssue', retriable: false },
  { category: 'ConfigurationIssue', retriable: false },
] as const)('$category is worth another attempt: $retriable', ({ category, retriable }) => {
  expect(isRetriableCategory(category)).toBe(retriable);
});
