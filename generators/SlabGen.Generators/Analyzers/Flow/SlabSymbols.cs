using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>
/// What the rules know about the runtime and generated classes, by name and shape. A new pointer type, or a new member
/// that allocates or frees, is added here and nowhere else.
/// </summary>
internal sealed class SlabSymbols
{
    private const string PlainPointer = "SlabPtr", SmallPointer = "SlabPtr32", Handle = "SlabHandle";

    private readonly HashSet<ISymbol> _pointerTypes = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<INamedTypeSymbol, LinkKind?> _links = new(SymbolEqualityComparer.Default);
    private readonly HashSet<ISymbol> _cacheTypes = new(SymbolEqualityComparer.Default);

    private readonly ConcurrentDictionary<ISymbol, HelperMethod> _helpers = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<ISymbol, CreatedCache> _created = new(SymbolEqualityComparer.Default);

    private SlabSymbols(INamedTypeSymbol kmemCache) => _cacheTypes.Add(kmemCache);

    /// <summary>Null when the compilation does not refer to SlabGen. The rules then look at nothing.</summary>
    public static SlabSymbols? Of(Compilation compilation)
    {
        if (compilation.GetTypeByMetadataName("SlabGen.KmemCache") is not { } kmemCache)
        {
            return null;
        }

        SlabSymbols symbols = new(kmemCache);
        Add(symbols._pointerTypes, PlainPointer, SmallPointer, Handle);
        Add(symbols._cacheTypes, "SlabHandles", "KmemCache");
        if (compilation.GetTypeByMetadataName("SlabGen.Kmalloc") is { } kmalloc)
        {
            symbols._cacheTypes.Add(kmalloc);
        }

        return symbols;

        void Add(HashSet<ISymbol> types, params string[] names)
        {
            foreach (string name in names)
            {
                if (compilation.GetTypeByMetadataName($"SlabGen.{name}`1") is { } type)
                {
                    types.Add(type);
                }
            }
        }
    }

    /// <summary>Whether the type is one of the runtime's pointers, handles included, or a generated one.</summary>
    public bool IsSlabPointer(ITypeSymbol? type) => IsOfRuntime(type) || LinkOf(type) is not null;

    /// <summary>Whether the type is <c>SlabPtr&lt;T&gt;</c> itself, the only one that the bulk calls take.</summary>
    public bool IsSlabPtr(ITypeSymbol? type) => type?.Name == PlainPointer && IsOfRuntime(type);

    /// <summary>Whether the type is <c>SlabPtr&lt;T&gt;</c>, or a generated one that replaces it.</summary>
    public bool IsPlainPointer(ITypeSymbol? type) => IsSlabPtr(type) || LinkOf(type) == LinkKind.Pointer;

    /// <summary>Whether the type is <c>SlabPtr32&lt;T&gt;</c>, or a generated one that replaces it.</summary>
    public bool IsSmallPointer(ITypeSymbol? type) =>
        type?.Name == SmallPointer && IsOfRuntime(type) || LinkOf(type) == LinkKind.SmallPointer;

    /// <summary>
    /// Whether the type is <c>SlabHandle&lt;T&gt;</c>, or a generated one that replaces it. A handle can tell at any
    /// time whether its object is live.
    /// </summary>
    public bool IsHandle(ITypeSymbol? type) =>
        type?.Name == Handle && IsOfRuntime(type) || LinkOf(type) == LinkKind.Handle;

    private bool IsOfRuntime(ITypeSymbol? type) =>
        type is INamedTypeSymbol { Arity: 1 } && _pointerTypes.Contains(type.OriginalDefinition);

    private LinkKind? LinkOf(ITypeSymbol? type) =>
        type
            is INamedTypeSymbol { TypeKind: TypeKind.Struct, SpecialType: SpecialType.None, ContainingType: null } named
                ? _links.GetOrAdd(named.OriginalDefinition, LinkType.KindOf) : null;

    /// <summary>
    /// Whether a value of the type can stand for an object: a pointer of the runtime, a plain pointer, or an address.
    /// </summary>
    public bool CanHoldAddress(ITypeSymbol? type) =>
        type is IPointerTypeSymbol or { SpecialType: SpecialType.System_IntPtr } || IsSlabPointer(type);

    /// <summary>
    /// Whether a variable of the type is followed: it can stand for an object, or is a lease or an owner.
    /// </summary>
    public bool IsFollowed(ITypeSymbol? type) => CanHoldAddress(type) || IsHolder(type);

    /// <summary>
    /// Whether one of the runtime's pointers declares the method. Such methods do not keep the pointer.
    /// </summary>
    public bool IsPointerMember(ISymbol member) => IsSlabPointer(member.ContainingType);

    /// <summary>Whether the call hands out one object, which its caller then owns.</summary>
    public bool IsAlloc(IMethodSymbol method) =>
        method.Name is "Alloc" or "AllocZeroed" or "AllocHandle" && CanHoldAddress(method.ReturnType)
            && IsCacheMember(method);

    /// <summary>Whether the call takes one object back.</summary>
    public bool IsFree(IMethodSymbol method) =>
        method is { Name: "Free", Parameters: [{ RefKind: RefKind.None, Type: { } type }] } && CanHoldAddress(type)
            && IsCacheMember(method);

    /// <summary>
    /// Whether the operation makes a lease or an owner: <c>Rent()</c>, <c>Own()</c>, <c>new
    /// SlabOwner&lt;Order&gt;(cache)</c>.
    /// </summary>
    public static bool IsRent(IOperation operation) => operation switch
    {
        IInvocationOperation { TargetMethod: { Name: "Rent" } method } => IsLease(method.ReturnType),
        IInvocationOperation { TargetMethod: { Name: "Own" } method } =>
            IsOwner(method.ReturnType) && GeneratedCacheClass.NameOf(method.ContainingType) is not null,
        IInvocationOperation { TargetMethod: { Name: "AllocBlock" } method } =>
            IsBuffer(method.ReturnType) && IsOfKmalloc(method),
        IObjectCreationOperation creation => IsOwner(creation.Type) || IsBuffer(creation.Type),
        _ => false,
    };

    /// <summary>Whether the type frees the object that it has when it is disposed of: a lease or an owner.</summary>
    public static bool IsHolder(ITypeSymbol? type) => IsLease(type) || IsOwner(type) || IsBuffer(type);

    /// <summary>
    /// Whether the type is the owner of an object or a block as bytes, of which a second disposal does nothing:
    /// <c>SlabBuffer</c>, <c>KmallocBlock</c>.
    /// </summary>
    public static bool IsBuffer(ITypeSymbol? type) =>
        type
            is INamedTypeSymbol { Name: "SlabBuffer" or "KmallocBlock", Arity: 0, ContainingType: null,
                ContainingNamespace: { Name: "SlabGen", ContainingNamespace.IsGlobalNamespace: true } };

    /// <summary>
    /// Whether the method is <c>Kmalloc</c>'s: it frees null without an error, and blocks of any other.
    /// </summary>
    public static bool IsOfKmalloc(IMethodSymbol method) =>
        method.ContainingType
            is { Name: "Kmalloc", Arity: 0, ContainingType: null,
                ContainingNamespace: { Name: "SlabGen", ContainingNamespace.IsGlobalNamespace: true } };

    /// <summary>Whether the call looks at a block's bytes, and keeps nothing of it but a span.</summary>
    public static bool IsView(IInvocationOperation call) =>
        call.TargetMethod.Name is "AsSpan" or "GetSpan"
            && (IsOfKmalloc(call.TargetMethod) || IsBuffer(call.Instance?.Type));

    /// <summary>
    /// Whether the type is <c>SlabOwner&lt;T&gt;</c>. Unlike a lease, it may be stored, and every reference is to the
    /// same owner.
    /// </summary>
    public static bool IsOwner(ITypeSymbol? type) =>
        type
            is INamedTypeSymbol { Name: "SlabOwner", Arity: 1, ContainingType: null,
                ContainingNamespace: { Name: "SlabGen", ContainingNamespace.IsGlobalNamespace: true } };

    /// <summary>Whether the call frees every object of a cache at once.</summary>
    public bool IsReset(IMethodSymbol method) => method.Name == "Reset" && IsCacheMember(method);

    /// <summary>
    /// The lease or owner that the call disposes of; null for any other call. A <c>using</c> calls an owner's method by
    /// its interface.
    /// </summary>
    public static IOperation? DisposedBy(IInvocationOperation call)
    {
        IOperation? holder = call is { TargetMethod: { Name: "Dispose", Parameters: [] }, Instance: { } instance }
            ? instance : null;
        while (holder is IConversionOperation conversion)
        {
            holder = conversion.Operand;
        }

        return IsHolder(holder?.Type) ? holder : null;
    }

    /// <summary>Whether the type is the lease of a generated class, or of <c>KmemCache&lt;T&gt;</c>.</summary>
    public static bool IsLease(ITypeSymbol? type) =>
        type is INamedTypeSymbol { Name: "Lease", IsRefLikeType: true, ContainingType: { } container }
            && GeneratedCacheClass.NameOf(container) is not null;

    /// <summary>Whether the method belongs to a generated class, or to a type nested in one.</summary>
    public static bool IsGeneratedMember(IMethodSymbol method) =>
        GeneratedCacheClass.Containing(method.ContainingType) is not null;

    /// <summary>
    /// Whether the block allocates, frees, or uses a pointer of the runtime. Otherwise there is nothing to follow.
    /// </summary>
    public bool MayUseCache(IOperation block) => block.DescendantsAndSelf().Any(operation => operation switch
    {
        IInvocationOperation call =>
            IsAlloc(call.TargetMethod) || IsFree(call.TargetMethod) || IsRent(call) || DisposedBy(call) is not null
                || MayBeHelper(call.TargetMethod),
        IPropertyReferenceOperation property =>
            IsPointerMember(property.Property) || IsHolder(property.Property.ContainingType),
        IObjectCreationOperation creation => IsRent(creation),
        _ => false,
    });

    /// <summary>What is known about a private method in the model's file.</summary>
    public HelperMethod HelperOf(IMethodSymbol method, SemanticModel? model)
    {
        method = method.OriginalDefinition;
        if (method
            is not { DeclaredAccessibility: Accessibility.Private, MethodKind: MethodKind.Ordinary, IsAsync: false,
                DeclaringSyntaxReferences: [{ } reference] }
            || reference.SyntaxTree != model?.SyntaxTree)
        {
            return default;
        }

        // The result is the same in every model of the tree, so the first caller keeps it for the others.
        return _helpers.TryGetValue(method, out HelperMethod known) ? known
            : _helpers.GetOrAdd(method,
                model.GetOperation(reference.GetSyntax()) is { } body ? HelperMethod.Of(body, this) : default);
    }

    private bool MayBeHelper(IMethodSymbol method) =>
        method is { DeclaredAccessibility: Accessibility.Private, MethodKind: MethodKind.Ordinary }
        && (CanHoldAddress(method.ReturnType) || method.Parameters.Any(parameter => CanHoldAddress(parameter.Type)));

    /// <summary>
    /// The generated class on whose cache the call is made, <c>OrderCache.Free(…)</c> or
    /// <c>OrderCache.Cache.Free(…)</c>; null when that is not certain. Two classes certainly are two caches.
    /// </summary>
    public static INamedTypeSymbol? CacheOf(IInvocationOperation call) =>
        GeneratedCacheClass.Containing(call.TargetMethod.ContainingType)
        ?? (call.Instance is IPropertyReferenceOperation { Property: { Name: "Cache", IsStatic: true } property }
            ? GeneratedCacheClass.Containing(property.ContainingType)
            : null);

    /// <summary>
    /// The cache on which the call is made: a generated class, or the only variable that holds an instance; null when
    /// that is not certain. Two of them are two caches.
    /// </summary>
    public ISymbol? IdentityOf(IInvocationOperation call, SemanticModel? model) =>
        CacheOf(call)
            ?? (PointerVariables.SymbolOf(InstanceOf(call)) is { } variable && CreatedIn(variable, model).IsKnown
                ? variable : null);

    /// <summary>What is known about the instance on which the call is made.</summary>
    public CreatedCache CreatedOf(IInvocationOperation call, SemanticModel? model) =>
        PointerVariables.SymbolOf(InstanceOf(call)) is { } variable ? CreatedIn(variable, model) : default;

    /// <summary><c>cache</c> in <c>cache.Alloc()</c> and <c>cache.Cache.Alloc()</c>.</summary>
    private static IOperation? InstanceOf(IInvocationOperation call) =>
        call.Instance is IPropertyReferenceOperation { Property.Name: "Cache", Instance: { } typed }
            && GeneratedCacheClass.ContainingInstance(typed.Type as INamedTypeSymbol) is not null
                ? typed : call.Instance;

    private CreatedCache CreatedIn(ISymbol variable, SemanticModel? model) =>
        model is null || variable is not { DeclaringSyntaxReferences: [{ } reference] }
            || reference.SyntaxTree != model.SyntaxTree ? default
        : _created.TryGetValue(variable, out CreatedCache known) ? known
        : _created.GetOrAdd(variable, CreatedCache.Of(variable, model));

    private bool IsCacheMember(IMethodSymbol method) =>
        (method.ContainingType is { } type && _cacheTypes.Contains(type.OriginalDefinition))
            || IsGeneratedMember(method);
}
