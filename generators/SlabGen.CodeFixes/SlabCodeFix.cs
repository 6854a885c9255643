using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;

namespace SlabGen.CodeFixes;

/// <summary>
/// What the fixes share: one diagnostic, one change of one document, offered only where it is certainly right.
/// </summary>
public abstract class SlabCodeFix : CodeFixProvider
{
    private readonly string _title;

    private protected SlabCodeFix(string id, string title)
    {
        FixableDiagnosticIds = ImmutableArray.Create(id);
        _title = title;
    }

    /// <inheritdoc/>
    public sealed override ImmutableArray<string> FixableDiagnosticIds { get; }

    /// <inheritdoc/>
    public override FixAllProvider? GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public sealed override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is not { } root
            || await context.Document.GetSemanticModelAsync(context.CancellationToken)
                .ConfigureAwait(false) is not { } model)
        {
            return;
        }

        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            SyntaxNode node = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
            // If a diagnostic names another place as well, the fault may have to be mended there.
            if (diagnostic.AdditionalLocations.Count == 0
                && Fix(root, node, model, diagnostic, context.CancellationToken) is { } changed)
            {
                context.RegisterCodeFix(
                    CodeAction.Create(_title, _ => Task.FromResult(context.Document.WithSyntaxRoot(changed)),
                        equivalenceKey: FixableDiagnosticIds[0]),
                    diagnostic);
            }
        }
    }

    /// <summary>The document's root after the change; null when no change is certainly right.</summary>
    private protected virtual SyntaxNode? Fix(SyntaxNode root, SyntaxNode node, SemanticModel model,
        CancellationToken token) => null;

    /// <summary>The same, for a fix that needs more of the diagnostic than its place.</summary>
    private protected virtual SyntaxNode? Fix(SyntaxNode root, SyntaxNode node, SemanticModel model,
        Diagnostic diagnostic, CancellationToken token) =>
        Fix(root, node, model, token);
}
