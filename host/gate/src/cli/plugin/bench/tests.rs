use super::*;

#[test]
fn a_question_has_the_size_it_says() {
    for bytes in [0, 1, 1024, 100 << 10] {
        assert_eq!(Asked::of(CaseStage::Admission, bytes).request.text.len(), bytes);
        assert_eq!(Asked::of(CaseStage::Inspection, bytes).case.channel().1.len(), bytes);
        // The name of the one argument stands before it.
        let arguments = Asked::of(CaseStage::Commitment, bytes).action.arguments;
        assert_eq!(arguments.text.len(), "text\n".len() + bytes);
    }
}
