import type { ResultOf } from 'gql.tada';
import { graphql } from '#lib/live/graphql.ts';

const RuleFields = graphql(`fragment RuleFields on CostRule { id method path cost scope charge }`);

/** All cost rules, as they were made. */
export const CostRulesQuery = graphql(`query CostRules { costRules { ...RuleFields } }`, [RuleFields]);

export const CreateCostRule = graphql(`
  mutation CreateCostRule($input: CreateCostRuleInput!) {
    result: createCostRule(input: $input) {
      __typename
      ... on CostRulePayload { costRule { id } }
      ... on Error { message }
      ... on InvalidInputError { fields { path message } }
    }
  }
`);

export const UpdateCostRule = graphql(`
  mutation UpdateCostRule($input: UpdateCostRuleInput!) {
    result: updateCostRule(input: $input) {
      __typename
      ... on CostRulePayload { costRule { id } }
      ... on Error { message }
      ... on InvalidInputError { fields { path message } }
    }
  }
`);

export const DeleteCostRule = graphql(`
  mutation DeleteCostRule($id: ID!) {
    result: deleteCostRule(id: $id) { __typename ... on DeleteCostRulePayload { costRuleId } ... on Error { message } }
  }
`);

export type CostRule = ResultOf<typeof RuleFields>;
export type Charge = CostRule['charge'];
