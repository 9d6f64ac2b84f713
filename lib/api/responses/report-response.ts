import type { ReportPage, ReportQuery } from '../../activation/policies/read-reports.ts';
import type { HttpResponse } from '../../http/http-handler.ts';
import { reportCsv } from './report-csv.ts';
import { reportView } from './report-responses.ts';

/** A page of a report as the caller wants it. Of CSV, the header `Link` names the next page (RFC 8288). */
export function reportResponse(
  page: ReportPage,
  { policy, state, isCsv }: ReportQuery & { isCsv: boolean },
): HttpResponse {
  if (!isCsv) return { status: 200, body: reportView(page) };
  const { nextCursor, isFirst } = page;
  const query = new URLSearchParams({ format: 'csv', ...(state && { state }), cursor: nextCursor ?? '' });
  const headers = {
    'content-type': `text/csv; charset=utf-8; header=${isFirst ? 'present' : 'absent'}`,
    ...(nextCursor !== undefined && { link: `</reports/${policy}?${query}>; rel="next"` }),
  };
  return { status: 200, text: reportCsv(page), headers };
}
