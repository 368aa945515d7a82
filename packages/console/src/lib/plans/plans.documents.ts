import type { ResultOf } from 'gql.tada';
import { graphql } from '#lib/live/graphql.ts';

const PlanFields = graphql(`fragment PlanFields on Plan { id name limits { minute day month } selfServe }`);

/** The plans that the viewer may choose or, as the operator, give. */
export const PlansQuery = graphql(`query Plans { plans { ...PlanFields } }`, [PlanFields]);

/** The plan of the workspace, and those that it could have. */
export const PlanChoiceQuery = graphql(
  `query PlanChoice { workspace { id plan { ...PlanFields } } plans { ...PlanFields } }`,
  [PlanFields],
);

export const ChangePlan = graphql(`
  mutation ChangePlan($input: ChangePlanInput!) {
    result: changePlan(input: $input) { __typename ... on WorkspacePayload { workspace { id } } ... on Error { message } }
  }
`);

export const CreatePlan = graphql(`
  mutation CreatePlan($input: CreatePlanInput!) {
    result: createPlan(input: $input) {
      __typename
      ... on PlanPayload { plan { id } }
      ... on Error { message }
      ... on InvalidInputError { fields { path message } }
    }
  }
`);

export const UpdatePlan = graphql(`
  mutation UpdatePlan($input: UpdatePlanInput!) {
    result: updatePlan(input: $input) {
      __typename
      ... on PlanPayload { plan { id } }
      ... on Error { message }
      ... on InvalidInputError { fields { path message } }
    }
  }
`);

export type Plan = ResultOf<typeof PlanFields>;
