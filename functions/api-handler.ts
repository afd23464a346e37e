import middy from '@middy/core';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { systemClock } from '../src/base/clock.ts';
import type { ControlService } from '../src/control-api/control-service.ts';
import { type ApiReply, dispatch } from '../src/control-api/dispatch.ts';
import { replyTo } from '../src/control-api/error-reply.ts';
import type { Route } from '../src/control-api/route.ts';
import { controlServiceOfEnvironment } from './control-environment.ts';
import { requestOfEvent, resultOf } from './gateway-event.ts';
import { requestLine } from './request-line.ts';

/**
 * One function behind API Gateway: answers requests of its routes, each with a line in the log. Whatever is thrown, also
 * before a route has a say, is a reply in the API's shape: the gateway's own would be read as a success.
 */
export function apiHandler(routes: Readonly<Record<string, unknown>>) {
  const list = Object.values(routes) as readonly Route[];
  let service: ControlService | undefined;
  let startedAt = 0;
  const finish = (event: APIGatewayProxyEvent, reply: ApiReply): APIGatewayProxyResult => {
    const requestId = event.requestContext?.requestId ?? 'none';
    process.stdout.write(`${requestLine({ requestId, reply, startedAt, endedAt: systemClock.now() })}\n`);
    return resultOf(reply);
  };
  return middy<APIGatewayProxyEvent, unknown>()
    .before(() => {
      startedAt = systemClock.now();
    })
    .after((request) => {
      request.response = finish(request.event, request.response as ApiReply);
    })
    .onError((request) => {
      request.response = finish(request.event, { ...replyTo(request.error), about: { thrown: request.error } });
    })
    .handler(async (event) => {
      service ??= controlServiceOfEnvironment();
      return await dispatch(service, requestOfEvent(event), list);
    });
}
