using Fury.Kernel;
using Microsoft.AspNetCore.Mvc.ModelBinding;

namespace Fury.Hosting;

/// <summary>
/// Lets an action take a name or an id of the Kernel from its route or query, <c>Find(ApplicationName application)</c>. One that is not
/// right is refused before the action runs, and the answer says what a right one looks like.
/// </summary>
internal sealed class KernelBinders : IModelBinderProvider
{
    public IModelBinder? GetBinder(ModelBinderProviderContext context)
    {
        var type = context.Metadata.UnderlyingOrModelType;
        var open = type.GetInterfaces().Where(face => face.IsGenericType).Select(face => face.GetGenericTypeDefinition()).ToList();
        var binder = open.Contains(typeof(IName<>)) ? typeof(NameBinder<>) : open.Contains(typeof(IId<>)) ? typeof(IdBinder<>) : null;
        return binder is null || context.BindingInfo.BindingSource == BindingSource.Body
            ? null
            : (IModelBinder)Activator.CreateInstance(binder.MakeGenericType(type))!;
    }

    private abstract class Binder : IModelBinder
    {
        public Task BindModelAsync(ModelBindingContext bindingContext)
        {
            var given = bindingContext.ValueProvider.GetValue(bindingContext.ModelName);
            if (given != ValueProviderResult.None)
            {
                bindingContext.ModelState.SetModelValue(bindingContext.ModelName, given);
                if (Parse(given.FirstValue) is { } value)
                {
                    bindingContext.Result = ModelBindingResult.Success(value);
                }
                else
                {
                    bindingContext.ModelState.TryAddModelError(bindingContext.ModelName, $"{BadRequests.ExpectedPrefix}{Expected}");
                }
            }

            return Task.CompletedTask;
        }

        protected abstract string Expected { get; }

        protected abstract object? Parse(string? text);
    }

    private sealed class NameBinder<T> : Binder
        where T : struct, IName<T>
    {
        protected override string Expected => T.Expected;

        protected override object? Parse(string? text) => T.TryParse(text, out var name) ? name : null;
    }

    private sealed class IdBinder<T> : Binder
        where T : struct, IId<T>
    {
        protected override string Expected => "a UUID";

        protected override object? Parse(string? text) => Guid.TryParse(text, out var id) ? T.From(id) : null;
    }
}
